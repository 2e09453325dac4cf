// The process around a command line: its environment, clock and signals. Must never be used by a test: it
// changes the signal mask of the process.

import Glibc
import NovaModel
import NovaWire

extension Novasup {
  /// Runs the words of this process and says its exit code.
  package static func runProcess() -> Int32 {
    let environment = processEnvironment()
    return run(
      Array(CommandLine.arguments.dropFirst()), environment: environment,
      console: .standard(environment: environment), interrupts: .standard(), now: wallTime
    ).rawValue
  }

  private static func processEnvironment() -> [String: String] {
    var values: [String: String] = [:]
    var entry = unsafe environ
    // SAFETY: environ(7) is an array that ends with a null pointer; nothing changes it here.
    while let text = unsafe entry.pointee {
      let pair = unsafe String(cString: text).split(separator: "=", maxSplits: 1)
      if pair.count == 2 { values[String(pair[0])] = String(pair[1]) }
      unsafe entry += 1
    }
    return values
  }

  /// Calls `clock_gettime(2)`.
  private static func wallTime() -> WallTime {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}
