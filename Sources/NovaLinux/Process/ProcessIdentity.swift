// Which process a pid number means: number and start time together, since numbers come round again.
// Must never be used to signal: only the parent does that.

internal import Glibc

/// A process beyond its number; equal values on one boot are the same process.
package struct ProcessIdentity: Sendable, Hashable {
  /// The number.
  package let pid: Int32
  /// Clock ticks after boot, field 22 of /proc/PID/stat.
  package let startTicks: UInt64

  /// Who has this number now; nil: nobody. Reads `/proc/PID/stat` (proc(5)).
  package static func of(_ pid: Int32) -> ProcessIdentity? {
    guard pid > 0 else { return nil }
    // SAFETY: the path is a C string for the length of the call.
    let number = unsafe open("/proc/\(pid)/stat", O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = Descriptor(number)
    // 52 fields; the longest line has some 1100 bytes, of which we need the first half.
    var bytes = [UInt8](repeating: 0, count: 2048)
    let count = unsafe read(file.raw(), &bytes, bytes.count)
    guard count > 0 else { return nil }
    return startTicks(inStat: bytes.prefix(count)).map {
      ProcessIdentity(pid: pid, startTicks: $0)
    }
  }

  /// Field 22. The name in field 2 may hold blanks and brackets, so counting begins after the last `)`.
  static func startTicks(inStat line: ArraySlice<UInt8>) -> UInt64? {
    guard let bracket = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = line[(bracket + 1)...].split(separator: UInt8(ascii: " "), maxSplits: 20)
    // The first field after the name is number 3.
    guard fields.count > 19 else { return nil }
    return String(validating: fields[19], as: UTF8.self).flatMap { UInt64($0) }
  }
}
