// What was measured of an instance. Must never turn a value that could not be read into a zero: nil is unknown.

/// Counters that only grow during one incarnation.
package struct UsageCounters: Sendable, Hashable {
  /// cpu.stat usage_usec, user_usec, system_usec.
  package var cpuUsec: UInt64?, userUsec: UInt64?, systemUsec: UInt64?
  /// io.stat rbytes and wbytes over all devices.
  package var ioReadBytes: UInt64?, ioWriteBytes: UInt64?
  /// memory.events oom_kill.
  package var oomKills: UInt64?

  /// All unknown.
  package init() {}
}

/// One look at an instance.
package struct Reading: Sendable, Hashable {
  /// When it was taken.
  package var at: Instant
  /// The counters since the incarnation began.
  package var counters = UsageCounters()
  /// memory.current minus inactive_file, or the sum of RSS.
  package var memoryBytes: UInt64?
  /// memory.peak, or the highest of our own readings.
  package var memoryPeakBytes: UInt64?
  /// The memory figures come from summed RSS because the kernel gives no controller here.
  package var memoryEstimated = false
  /// pids.current or the count of processes; threads from cgroup.threads or /proc.
  package var tasks: UInt64?, threads: UInt64?
  /// Share of time some task waited in the last 10 s, in hundredths of a percent (PSI `some avg10`).
  package var cpuPressure: UInt32?, memoryPressure: UInt32?, ioPressure: UInt32?

  /// An empty reading at `at`.
  package init(at: Instant) { self.at = at }
}

/// What one incarnation has used up to now, cumulative; booking the same value twice books it once.
package struct UsageTotals: Sendable, Hashable {
  /// CPU time, microseconds.
  package var cpuUsec: UInt64 = 0
  /// Memory held over time: byte-seconds in units of KiB-milliseconds (1 KiB for 1 ms is 1).
  package var memoryKiBMsec: UInt64 = 0
  /// Bytes read and written to block devices, nil where no io controller exists.
  package var ioReadBytes: UInt64?, ioWriteBytes: UInt64?
  /// The memory part rests on estimated readings.
  package var estimated = false

  /// Nothing used.
  package init() {}
}
