// Waiting for a child without a loop. Must never close what the child still shares.

import Glibc

@testable import NovaLinux

extension SpawnedChild {
  /// The child's number and its report, once it has a table of descriptors of its own, or has ended: what it was given may
  /// be closed then.
  consuming func apart() -> (pid: Int32, report: DescriptorBox) {
    if let shared {
      var entry = pollfd(fd: report.raw(), events: Int16(POLLIN), revents: 0)
      // At the end of the child too: its exit is no event of the pipe while we hold its end.
      while unsafe poll(&entry, 1, 10) == 0, kill(pid, 0) == 0, !Self.isZombie(pid) {}
      if entry.revents != 0 { _ = SpawnReport.read(report) }
      withExtendedLifetime(shared) {}
    }
    return (pid, report)
  }

  private static func isZombie(_ pid: Int32) -> Bool { ProcessStat.of(pid)?.isZombie ?? true }
}
