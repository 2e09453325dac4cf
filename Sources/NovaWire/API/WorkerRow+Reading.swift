// The row of `ps` written and read without Codable: a thousand of them are asked for at once, and the generic way
// costs several times as much. Must never differ from what Codable writes and reads: a test holds them together.

extension WorkerRow {
  /// The JSON array of many rows, byte for byte what `APICoding.encode` gives.
  package static func bytes(of rows: [WorkerRow]) -> [UInt8] {
    var out: [UInt8] = []
    // A row is 700 to 900 bytes.
    out.reserveCapacity(rows.count * 1024 + 2)
    out.append(UInt8(ascii: "["))
    for (index, row) in rows.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      row.append(to: &out)
    }
    out.append(UInt8(ascii: "]"))
    return out
  }

  private func append(to out: inout [UInt8]) {
    var writer = MemberWriter()
    writer.text("name", name, &out)
    writer.number("instance", instance, &out)
    writer.text("state", state, &out)
    writer.text("reason", reason, &out)
    writer.number("pid", pid, &out)
    writer.text("started_at", startedAt, &out)
    writer.number("uptime_seconds", uptimeSeconds, &out)
    writer.number("crashes", crashes, &out)
    writer.number("max_crashes", maxCrashes, &out)
    writer.number("cooldown_remaining_seconds", cooldownRemainingSeconds, &out)
    writer.number("restarts_total", restartsTotal, &out)
    writer.real("cpu_percent", cpuPercent, &out)
    writer.number("cpu_usage_usec", cpuUsageUsec, &out)
    writer.number("memory_bytes", memoryBytes, &out)
    writer.number("memory_peak_bytes", memoryPeakBytes, &out)
    writer.number("tasks", tasks, &out)
    writer.text("cost_usd", costUSD, &out)
    writer.text("cost_per_hour_usd", costPerHourUSD, &out)
    writer.text("revenue_usd", revenueUSD, &out)
    writer.number("roi_percent", roiPercent, &out)
    writer.text("roi_status", roiStatus, &out)
    writer.object("last_exit", lastExit, &out) { exit, writer, out in
      writer.number("code", exit.code, &out)
      writer.number("signal", exit.signal, &out)
      writer.flag("oom", exit.oom, &out)
      writer.text("at", exit.at, &out)
    }
    writer.text("status_text", statusText, &out)
    writer.text("why", why, &out)
    writer.text("since", since, &out)
    writer.text("mode", mode, &out)
    writer.flag("wanted", wanted, &out)
    writer.flag("ready", ready, &out)
    writer.number("backoff_remaining_seconds", backoffRemainingSeconds, &out)
    writer.text("next_run_at", nextRunAt, &out)
    writer.number("threads", threads, &out)
    writer.number("cpu_user_usec", cpuUserUsec, &out)
    writer.number("cpu_system_usec", cpuSystemUsec, &out)
    writer.number("io_read_bytes", ioReadBytes, &out)
    writer.number("io_write_bytes", ioWriteBytes, &out)
    writer.flag("memory_estimated", memoryEstimated, &out)
    writer.object("pressure", pressure, &out) { pressure, writer, out in
      writer.real("cpu_percent", pressure.cpuPercent, &out)
      writer.real("memory_percent", pressure.memoryPercent, &out)
      writer.real("io_percent", pressure.ioPercent, &out)
    }
    writer.number("incarnation", incarnation, &out)
    out.append(UInt8(ascii: "}"))
  }

  /// Reads rows from a parsed answer; nil when one of them is not a row, which Codable then explains.
  package static func rows(_ tree: JSONValue) -> [WorkerRow]? {
    guard let elements = tree.elements else { return nil }
    var rows: [WorkerRow] = []
    rows.reserveCapacity(elements.count)
    for element in elements {
      guard let row = WorkerRow(element) else { return nil }
      rows.append(row)
    }
    return rows
  }

  private init?(_ tree: JSONValue) {
    guard case .object(let members) = tree else { return nil }
    self.init(
      name: "", instance: 0, state: "", reason: "", crashes: 0, maxCrashes: 0, restartsTotal: 0)
    var reader = MemberReader(members)
    guard let name = reader.text("name"), let instance: Int = reader.number("instance"),
      let state = reader.text("state"), let reason = reader.text("reason")
    else { return nil }
    self.name = name
    self.instance = instance
    self.state = state
    self.reason = reason
    pid = reader.number("pid")
    startedAt = reader.text("started_at")
    uptimeSeconds = reader.number("uptime_seconds")
    guard let crashes: Int = reader.number("crashes"),
      let maxCrashes: Int = reader.number("max_crashes")
    else { return nil }
    self.crashes = crashes
    self.maxCrashes = maxCrashes
    cooldownRemainingSeconds = reader.number("cooldown_remaining_seconds")
    guard let restarts: Int = reader.number("restarts_total") else { return nil }
    restartsTotal = restarts
    cpuPercent = reader.number("cpu_percent")
    cpuUsageUsec = reader.number("cpu_usage_usec")
    memoryBytes = reader.number("memory_bytes")
    memoryPeakBytes = reader.number("memory_peak_bytes")
    tasks = reader.number("tasks")
    costUSD = reader.text("cost_usd")
    costPerHourUSD = reader.text("cost_per_hour_usd")
    revenueUSD = reader.text("revenue_usd")
    roiPercent = reader.number("roi_percent")
    roiStatus = reader.text("roi_status")
    lastExit = reader.object("last_exit") { reader in
      let code: Int32? = reader.number("code")
      let signal: Int32? = reader.number("signal")
      guard let oom = reader.flag("oom"), let at = reader.text("at") else { return nil }
      return LastExitRow(code: code, signal: signal, oom: oom, at: at)
    }
    statusText = reader.text("status_text")
    why = reader.text("why")
    since = reader.text("since")
    mode = reader.text("mode")
    wanted = reader.flag("wanted")
    ready = reader.flag("ready")
    backoffRemainingSeconds = reader.number("backoff_remaining_seconds")
    nextRunAt = reader.text("next_run_at")
    threads = reader.number("threads")
    cpuUserUsec = reader.number("cpu_user_usec")
    cpuSystemUsec = reader.number("cpu_system_usec")
    ioReadBytes = reader.number("io_read_bytes")
    ioWriteBytes = reader.number("io_write_bytes")
    memoryEstimated = reader.flag("memory_estimated")
    pressure = reader.object("pressure") { reader in
      PressureRow(
        cpuPercent: reader.number("cpu_percent"), memoryPercent: reader.number("memory_percent"),
        ioPercent: reader.number("io_percent"))
    }
    incarnation = reader.number("incarnation")
    if reader.failed { return nil }
  }
}
