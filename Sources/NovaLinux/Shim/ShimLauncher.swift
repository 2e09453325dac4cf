// Starting the shim without systemd: a session of its own, so that it outlives whoever started it.
// Must never wait for it: the caller connects until it answers.

internal import CNovaSys
internal import Glibc

/// Starts `nova-shim` for a supervisor that nobody did it for.
package enum ShimLauncher {
  /// Runs `binary --runtime RUNTIME --cgroup CGROUP --detached`, output to RUNTIME/shim.log, and returns its pid: a
  /// child of ours until we end, to be reaped like one. Calls `posix_spawn(3)` with POSIX_SPAWN_SETSID.
  package static func launch(
    binary: String, runtime: String, cgroup: ShimOptions.Cgroup = .auto
  ) throws(SystemError) -> Int32 {
    var options = ShimOptions(runtime: runtime)
    options.cgroup = cgroup
    options.detached = true
    let path = runtime + "/shim.log"
    let log = Descriptor(
      try checked("open", path) {
        unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
      })
    let arguments = CStrings([binary] + options.arguments)
    // SAFETY: path and arguments outlive the call.
    let pid = unsafe nova_launch(binary, arguments.pointers, log.raw())
    guard pid > 0 else { throw SystemError(call: "start", number: -pid, subject: binary) }
    return pid
  }
}
