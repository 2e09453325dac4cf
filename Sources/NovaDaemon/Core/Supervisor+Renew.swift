// The shim after an upgrade: it still executes the program it was started with, and becomes the installed one in place,
// with its pid, its children and what it keeps. Must never be done before every child is known, or twice for one file.

import NovaLinux
import NovaModel

extension Supervisor {
  /// Orders the shim to become the installed program where it executes another one.
  func renewShim() {
    let path = options.installedShim
    guard let hello, hello.features.contains("reexec"), let installed = ProgramFile.at(path),
      installed != renewedTo, ProgramFile(features: hello.features) != installed
    else { return }
    renewedTo = installed
    isRenewing = true
    history.record(
      EventRecord(
        at: Clock.now().wall, type: "shim.renewing", severity: .notice,
        message: "nova-shim (pid \(hello.pid)) is to become the installed \(path)"))
    shim?.become(path)
  }

  /// The shim answers again: whether it is what it was told to become.
  func lookAtRenewedShim() {
    guard isRenewing, let hello, ProgramFile(features: hello.features) == renewedTo else { return }
    isRenewing = false
    history.record(
      EventRecord(
        at: Clock.now().wall, type: "shim.renewed", severity: .notice,
        message: "nova-shim (pid \(hello.pid)) is the installed one, its workers were not touched"))
  }
}
