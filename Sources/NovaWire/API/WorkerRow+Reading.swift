// The rows of `ps` read without Codable or a tree: a thousand of them are asked for at once, and the generic way costs ten
// times as much. Must never differ from what Codable reads: a test holds them together.

extension WorkerRow {
  /// The rows of an answer as a supervisor of this version writes it; nil when it is written otherwise or is no list of
  /// rows, for Codable to read or to explain.
  static func rows(_ bytes: [UInt8]) -> [WorkerRow]? {
    var scanner = MemberScanner(bytes)
    guard scanner.take("[") else { return nil }
    var rows: [WorkerRow] = []
    if !scanner.take("]") {
      // A row is 700 to 1000 bytes.
      rows.reserveCapacity(bytes.count / 700 + 1)
      repeat {
        guard let row = WorkerRow(&scanner) else { return nil }
        rows.append(row)
      } while scanner.take(",")
      guard scanner.take("]") else { return nil }
    }
    return scanner.isAtEnd() ? rows : nil
  }

  private init?(_ from: inout MemberScanner) {
    guard let name = from.text(#"{"name":"#), let instance: Int = from.number(#","instance":"#),
      let state = from.text(#","state":"#), let reason = from.text(#","reason":"#)
    else { return nil }
    self.init(
      name: name, instance: instance, state: state, reason: reason, crashes: 0, maxCrashes: 0,
      restartsTotal: 0)
    pid = from.number(#","pid":"#)
    startedAt = from.text(#","started_at":"#)
    uptimeSeconds = from.number(#","uptime_seconds":"#)
    guard let crashes: Int = from.number(#","crashes":"#),
      let maxCrashes: Int = from.number(#","max_crashes":"#)
    else { return nil }
    self.crashes = crashes
    self.maxCrashes = maxCrashes
    cooldownRemainingSeconds = from.number(#","cooldown_remaining_seconds":"#)
    guard let restarts: Int = from.number(#","restarts_total":"#) else { return nil }
    restartsTotal = restarts
    cpuPercent = from.real(#","cpu_percent":"#)
    cpuUsageUsec = from.number(#","cpu_usage_usec":"#)
    memoryBytes = from.number(#","memory_bytes":"#)
    memoryPeakBytes = from.number(#","memory_peak_bytes":"#)
    tasks = from.number(#","tasks":"#)
    costUSD = from.text(#","cost_usd":"#)
    costPerHourUSD = from.text(#","cost_per_hour_usd":"#)
    revenueUSD = from.text(#","revenue_usd":"#)
    roiPercent = from.number(#","roi_percent":"#)
    roiStatus = from.text(#","roi_status":"#)
    lastExit = from.object(#","last_exit":"#) { from in
      let code: Int32? = from.number(#"{"code":"#)
      let signal: Int32? = from.number(#","signal":"#)
      guard let oom = from.flag(#","oom":"#), let at = from.text(#","at":"#) else { return nil }
      return LastExitRow(code: code, signal: signal, oom: oom, at: at)
    }
    statusText = from.text(#","status_text":"#)
    why = from.text(#","why":"#)
    since = from.text(#","since":"#)
    mode = from.text(#","mode":"#)
    wanted = from.flag(#","wanted":"#)
    ready = from.flag(#","ready":"#)
    backoffRemainingSeconds = from.number(#","backoff_remaining_seconds":"#)
    nextRunAt = from.text(#","next_run_at":"#)
    threads = from.number(#","threads":"#)
    cpuUserUsec = from.number(#","cpu_user_usec":"#)
    cpuSystemUsec = from.number(#","cpu_system_usec":"#)
    ioReadBytes = from.number(#","io_read_bytes":"#)
    ioWriteBytes = from.number(#","io_write_bytes":"#)
    memoryEstimated = from.flag(#","memory_estimated":"#)
    pressure = from.object(#","pressure":"#) { from in
      PressureRow(
        cpuPercent: from.real(#"{"cpu_percent":"#),
        memoryPercent: from.real(#","memory_percent":"#),
        ioPercent: from.real(#","io_percent":"#))
    }
    incarnation = from.number(#","incarnation":"#)
    from.endObject()
    if from.failed { return nil }
  }
}
