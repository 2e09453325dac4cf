// A row of `ps` as JSON, written from values in one go: thousands of them are asked for at once, and the generic way
// costs ten times as much. Must never differ from what Codable writes of the same `WorkerRow`: a test holds them together.

import NovaModel

extension RowFacts {
  /// A row is 700 to 1000 bytes.
  package static let typicalBytes = 1000

  /// Appends the row's JSON object, byte for byte what `APICoding.encode(WorkerRow(facts))` gives.
  package func append(to out: inout [UInt8]) {
    out.word(#"{"name":"#, id.worker.text)
    out.number(#","instance":"#, id.number)
    out.word(#","state":"#, state.rawValue)
    out.word(#","reason":"#, APIWords.reason(reason))
    out.number(#","pid":"#, pid)
    out.time(#","started_at":"#, startedAt)
    out.number(#","uptime_seconds":"#, uptimeSeconds)
    out.number(#","crashes":"#, crashes)
    out.number(#","max_crashes":"#, maxCrashes)
    out.number(#","cooldown_remaining_seconds":"#, cooldownRemainingSeconds)
    out.number(#","restarts_total":"#, restartsTotal)
    out.hundredths(#","cpu_percent":"#, cpuHundredths)
    out.number(#","cpu_usage_usec":"#, cpuUsageUsec)
    out.number(#","memory_bytes":"#, memoryBytes)
    out.number(#","memory_peak_bytes":"#, memoryPeakBytes)
    out.number(#","tasks":"#, tasks)
    out.money(#","cost_usd":"#, cost)
    out.money(#","cost_per_hour_usd":"#, costPerHour)
    out.money(#","revenue_usd":"#, revenue)
    out.number(#","roi_percent":"#, roiPercent)
    out.word(#","roi_status":"#, roiStatus)
    appendLastExit(to: &out)
    out.text(#","status_text":"#, statusText)
    out.text(#","why":"#, why)
    out.time(#","since":"#, since)
    out.word(#","mode":"#, mode)
    out.flag(#","wanted":"#, wanted)
    out.flag(#","ready":"#, ready)
    out.number(#","backoff_remaining_seconds":"#, backoffRemainingSeconds)
    out.time(#","next_run_at":"#, nextRunAt)
    out.number(#","threads":"#, threads)
    out.number(#","cpu_user_usec":"#, cpuUserUsec)
    out.number(#","cpu_system_usec":"#, cpuSystemUsec)
    out.number(#","io_read_bytes":"#, ioReadBytes)
    out.number(#","io_write_bytes":"#, ioWriteBytes)
    out.flag(#","memory_estimated":"#, memoryEstimated)
    appendPressure(to: &out)
    out.number(#","incarnation":"#, incarnation)
    out.append(UInt8(ascii: "}"))
  }

  private func appendLastExit(to out: inout [UInt8]) {
    guard let lastExit else { return out.put(#","last_exit":null"#) }
    var code: Int32?
    var signal: Int32?
    switch lastExit.status {
    case .exited(let number): code = number
    case .signaled(let number, _): signal = number
    case .unknown: break
    }
    out.number(#","last_exit":{"code":"#, code)
    out.number(#","signal":"#, signal)
    out.flag(#","oom":"#, lastExit.oom)
    out.time(#","at":"#, lastExit.at)
    out.append(UInt8(ascii: "}"))
  }

  private func appendPressure(to out: inout [UInt8]) {
    guard let pressure else { return out.put(#","pressure":null"#) }
    out.hundredths(#","pressure":{"cpu_percent":"#, pressure.cpu.map(UInt64.init))
    out.hundredths(#","memory_percent":"#, pressure.memory.map(UInt64.init))
    out.hundredths(#","io_percent":"#, pressure.io.map(UInt64.init))
    out.append(UInt8(ascii: "}"))
  }
}

/// A member of an object: its key as it stands in the text, then its value; nil is null.
extension [UInt8] {
  fileprivate mutating func put(_ literal: StaticString) {
    // SAFETY: a StaticString's bytes live as long as the program.
    unsafe append(
      contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  fileprivate mutating func text(_ key: StaticString, _ value: String?) {
    put(key)
    if let value { JSONValue.write(value, to: &self) } else { put("null") }
  }

  /// A name, or a word of the API: nothing in it needs an escape.
  fileprivate mutating func word(_ key: StaticString, _ value: String?) {
    put(key)
    guard let value else { return put("null") }
    append(UInt8(ascii: "\""))
    append(contentsOf: value.utf8)
    append(UInt8(ascii: "\""))
  }

  fileprivate mutating func number(_ key: StaticString, _ value: (some FixedWidthInteger)?) {
    put(key)
    if let value { Digits.append(value, to: &self) } else { put("null") }
  }

  fileprivate mutating func time(_ key: StaticString, _ value: WallTime?) {
    put(key)
    guard let value else { return put("null") }
    append(UInt8(ascii: "\""))
    value.appendRFC3339(to: &self)
    append(UInt8(ascii: "\""))
  }

  fileprivate mutating func money(_ key: StaticString, _ value: Money?) {
    put(key)
    guard let value else { return put("null") }
    append(UInt8(ascii: "\""))
    value.appendDecimal(to: &self)
    append(UInt8(ascii: "\""))
  }

  /// A hundredth of the value, as short as it can be said.
  fileprivate mutating func hundredths(_ key: StaticString, _ value: UInt64?) {
    put(key)
    guard let value else { return put("null") }
    // Beyond 15 digits a Double has other digits than the integer.
    guard value < 1_000_000_000_000_000 else {
      return JSONValue.real(Double(value) / 100).write(to: &self)
    }
    let (whole, rest) = value.quotientAndRemainder(dividingBy: 100)
    Digits.append(whole, to: &self)
    guard rest > 0 else { return }
    append(UInt8(ascii: "."))
    append(UInt8(ascii: "0") + UInt8(rest / 10))
    if rest % 10 > 0 { append(UInt8(ascii: "0") + UInt8(rest % 10)) }
  }

  fileprivate mutating func flag(_ key: StaticString, _ value: Bool?) {
    put(key)
    switch value {
    case true?: put("true")
    case false?: put("false")
    case nil: put("null")
    }
  }
}
