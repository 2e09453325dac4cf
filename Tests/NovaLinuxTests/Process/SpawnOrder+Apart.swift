// Starting a child without a loop. Must never close what the child still shares.

import Glibc
import NovaModel

@testable import NovaLinux

extension SpawnOrder {
  /// Starts it; its number and its report, once it has a table of descriptors of its own, or has ended. What it was given may
  /// be closed then, and its end of the report is.
  func startApart(
    stdio: (CInt, CInt, CInt), group: CInt = -1
  ) throws -> (pid: Int32, report: DescriptorBox) {
    let child = try start(stdio: stdio, group: group)
    let deadline = Clock.now().instant + .seconds(20)
    while child.shared != nil {
      var entry = pollfd(fd: child.report.raw(), events: Int16(POLLIN), revents: 0)
      if unsafe poll(&entry, 1, 10) > 0 {
        _ = SpawnReport.read(child.report)
        break
      }
      // Its end is no event of the pipe while we hold the other end of it.
      if ProcessStat.of(child.pid)?.isZombie ?? true { break }
      if remaining(deadline) == 0 { throw TimedOut(description: "\(child.pid) is not apart") }
    }
    return (child.pid, child.report)
  }
}
