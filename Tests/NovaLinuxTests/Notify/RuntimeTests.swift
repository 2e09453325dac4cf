// The lock on a runtime directory, descriptors and their owner, errors and clocks.
// Must never leave a descriptor open: the count is compared.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("the brain's own things")
struct RuntimeTests {
  @Test("locks a runtime directory once, says who holds it, and lets go with its holder")
  func lock() throws {
    let directory = TemporaryDirectory()
    do {
      let held = try RuntimeLock.take(directory.path)
      let error = #expect(throws: SystemError.self) {
        _ = try RuntimeLock.take(directory.path).raw()
      }
      #expect(error?.isHeldLock == true)
      #expect(
        error?.message
          == "cannot lock \(directory.path): another supervisor runs (pid \(getpid()))")
      _ = held.raw()
    }
    let again = try RuntimeLock.take(directory.path)
    #expect(contents(directory.path + "/lock") == "\(getpid())\n")
    _ = again.raw()
  }

  @Test("cannot lock what is not there, and that is another error")
  func noDirectory() {
    let error = #expect(throws: SystemError.self) {
      _ = try RuntimeLock.take("/nonexistent").raw()
    }
    #expect(error?.isHeldLock == false)
    #expect(error?.message == "cannot open /nonexistent/lock: No such file or directory")
  }

  @Test("closes a descriptor with its owner, and not when it was given away")
  func ownership() throws {
    let box = DescriptorBox(Descriptor(unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)))
    let copy = try box.duplicate().take()
    #expect(fcntl(copy, F_GETFD) == FD_CLOEXEC)
    #expect(fcntl(box.raw(), F_GETFD) == FD_CLOEXEC)
    try Descriptor(copy).close()
    #expect(throws: SystemError.self) { _ = try Descriptor.duplicating(-1).raw() }
  }

  @Test("says in a sentence what failed")
  func sentences() {
    let error = SystemError(call: "openat", number: ENOENT, subject: "/x")
    #expect(error.message == "cannot openat /x: No such file or directory")
    #expect(error.fault == Fault(call: "openat", number: ENOENT, subject: "/x"))
  }

  @Test("reads clocks that go forward and a boot id that stays")
  func clocks() throws {
    let first = Clock.now()
    let second = Clock.now()
    #expect(second.instant >= first.instant)
    #expect(first.wall.microseconds > 1_600_000_000_000_000)
    #expect(Clock.boottime() >= first.instant.nanoseconds)
    let boot = try #require(Clock.bootID())
    #expect(boot.utf8.count == 36)
    #expect(Clock.bootID() == boot)
  }
}
