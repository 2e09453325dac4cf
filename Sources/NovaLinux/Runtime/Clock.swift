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

  private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    // SAFETY: `time` outlives the call. These clocks exist on every kernel we run on.
    unsafe clock_gettime(clock, &time)
    return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(max(0, time.tv_nsec))
  }
}
