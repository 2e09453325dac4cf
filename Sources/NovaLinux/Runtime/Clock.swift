// The only place that reads clocks. Must never be called by a pure room: they get the value handed in.

internal import Glibc
package import NovaModel

/// The kernel's clocks.
package enum Clock {
  /// CLOCK_MONOTONIC and CLOCK_REALTIME, read one after the other.
  package static func now() -> Moment {
    Moment(
      instant: Instant(nanoseconds: nanoseconds(CLOCK_MONOTONIC)),
      wall: WallTime(microseconds: Int64(clamping: nanoseconds(CLOCK_REALTIME) / 1000)))
  }

  /// Nanoseconds on CLOCK_BOOTTIME: since boot, suspended time counted.
  package static func boottime() -> UInt64 { nanoseconds(CLOCK_BOOTTIME) }

  /// This boot's id, such as `1b9f…`; nil where /proc does not say. Reads `/proc/sys/kernel/random/boot_id`.
  package static func bootID() -> String? {
    // SAFETY: the path is a C string for the length of the call.
    let number = unsafe open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = Descriptor(number)
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = unsafe read(file.raw(), &bytes, bytes.count)
    let text = bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }
    return text.isEmpty ? nil : String(validating: text, as: UTF8.self)
  }

  private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    // SAFETY: `time` outlives the call. These clocks exist on every kernel we run on.
    unsafe clock_gettime(clock, &time)
    return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(max(0, time.tv_nsec))
  }
}
