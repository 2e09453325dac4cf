// Records as columns and columns as records; the order of columns is that of the schema. Must never invent a value
// for a column it does not understand: the row is refused with its name.

internal import NovaModel

extension WorkerRecord {
  static let selection =
    """
    SELECT name, wanted, paused, pause_reason, count, count_file_value, pinned, rolling FROM worker
    """

  var columns: [Value] {
    [
      .text(name.text), wanted.map { .flag($0) } ?? .null, .flag(paused), .optional(pauseReason),
      .optional(count.map(Int64.init)), .optional(countFileValue.map(Int64.init)), .flag(pinned),
      .optional(rolling?.columnText),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let name = WorkerName(row.text(0)) else { return nil }
    self.init(name: name)
    wanted = row.optionalInteger(1).map { $0 != 0 }
    paused = row.flag(2)
    pauseReason = row.optionalText(3)
    count = row.optionalInteger(4).map { Int($0) }
    countFileValue = row.optionalInteger(5).map { Int($0) }
    pinned = row.flag(6)
    if let text = row.optionalText(7) {
      guard let rolling = RollingRestart(columnText: text) else { return nil }
      self.rolling = rolling
    }
  }
}

extension InstanceRecord {
  static let selection = """
    SELECT worker, number, state, reason, since_usec, incarnation, crashes, backoff_step, cooldowns,
      due, restarts_total, exit_status, exit_oom, exit_usec, fingerprint FROM instance
    """

  var columns: [Value] {
    [
      .text(id.worker.text), .integer(Int64(id.number)), .text(state.rawValue),
      .text(reason.columnText), .integer(since.microseconds), .counter(incarnation?.serial),
      .text(Deadline.columnText(crashes)), .integer(Int64(backoffStep)),
      .integer(Int64(cooldowns)), .optional(due?.columnText), .integer(Int64(restartsTotal)),
      .optional(lastExit?.status.columnText), lastExit.map { .flag($0.oom) } ?? .null,
      .optional(lastExit?.at.microseconds),
      // A hash: all 64 bits matter, the sign does not.
      .optional(fingerprint.map { Int64(bitPattern: $0) }),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let worker = WorkerName(row.text(0)), let state = State(rawValue: row.text(2)),
      let reason = Reason(columnText: row.text(3)),
      let crashes = Deadline.list(columnText: row.text(6))
    else { return nil }
    self.init(
      id: InstanceID(worker: worker, number: Int(row.integer(1))), state: state, reason: reason,
      since: WallTime(microseconds: row.integer(4)))
    incarnation = row.optionalCounter(5).map { Incarnation($0) }
    self.crashes = crashes
    backoffStep = Int(row.integer(7))
    cooldowns = Int(row.integer(8))
    if let text = row.optionalText(9) {
      guard let due = Deadline(columnText: text) else { return nil }
      self.due = due
    }
    restartsTotal = Int(row.integer(10))
    if let text = row.optionalText(11) {
      guard let status = ExitStatus(columnText: text) else { return nil }
      lastExit = LastExit(
        status: status, oom: row.flag(12), at: WallTime(microseconds: row.integer(13)))
    }
    fingerprint = row.optionalInteger(14).map { UInt64(bitPattern: $0) }
  }
}

extension IncarnationRecord {
  static let selection = """
    SELECT serial, worker, number, pid, started_usec, boot_id, bookings, cpu_usec, memory_kib_msec,
      io_read_bytes, io_write_bytes, estimated, cost_micro, cost_remainder_pico, ended_usec,
      exit_status, oom, crashed FROM incarnation
    """

  var columns: [Value] {
    [
      .counter(incarnation.serial), .text(id.worker.text), .integer(Int64(id.number)),
      .integer(Int64(pid)), .integer(started.microseconds), .text(bootID),
      .integer(Int64(bookings)), .counter(booked.cpuUsec), .counter(booked.memoryKiBMsec),
      .counter(booked.ioReadBytes), .counter(booked.ioWriteBytes), .flag(booked.estimated),
      .integer(cost.microUSD), .integer(costRemainderPico), .optional(ended?.microseconds),
      .optional(exit?.columnText), .flag(oom), .flag(crashed),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let worker = WorkerName(row.text(1)), let pid = Int32(exactly: row.integer(3))
    else { return nil }
    self.init(
      incarnation: Incarnation(row.counter(0)),
      id: InstanceID(worker: worker, number: Int(row.integer(2))), pid: pid,
      started: WallTime(microseconds: row.integer(4)), bootID: row.text(5))
    bookings = Int(row.integer(6))
    booked = UsageTotals(row, from: 7)
    cost = Money(microUSD: row.integer(12))
    costRemainderPico = row.integer(13)
    ended = row.optionalInteger(14).map { WallTime(microseconds: $0) }
    if let text = row.optionalText(15) {
      guard let status = ExitStatus(columnText: text) else { return nil }
      exit = status
    }
    oom = row.flag(16)
    crashed = row.flag(17)
  }
}

extension UsageTotals {
  /// Reads cpu_usec, memory_kib_msec, io_read_bytes, io_write_bytes, estimated from column `first` on.
  init(_ row: borrowing Row, from first: Int32) {
    self.init()
    cpuUsec = row.counter(first)
    memoryKiBMsec = row.counter(first + 1)
    ioReadBytes = row.optionalCounter(first + 2)
    ioWriteBytes = row.optionalCounter(first + 3)
    estimated = row.flag(first + 4)
  }

  /// The same five columns.
  var columns: [Value] {
    [
      .counter(cpuUsec), .counter(memoryKiBMsec), .counter(ioReadBytes), .counter(ioWriteBytes),
      .flag(estimated),
    ]
  }
}

extension EventRecord {
  static let selection =
    "SELECT id, at_usec, type, severity, worker, instance, actor, message, details FROM event"

  var columns: [Value] {
    [
      .integer(id), .integer(at.microseconds), .text(type), .integer(Int64(severity.rawValue)),
      .optional(worker?.text), .optional(instance.map(Int64.init)), .text(actor), .text(message),
      .text(PercentText.encoded(details)),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let severity = Severity(rawValue: Int(row.integer(3))),
      let details = PercentText.pairs(row.text(8))
    else { return nil }
    var worker: WorkerName?
    if let text = row.optionalText(4) {
      guard let name = WorkerName(text) else { return nil }
      worker = name
    }
    self.init(
      at: WallTime(microseconds: row.integer(1)), type: row.text(2), severity: severity,
      worker: worker, instance: row.optionalInteger(5).map { Int($0) }, actor: row.text(6),
      message: row.text(7), details: details)
    id = row.integer(0)
  }
}

extension PriceVersion {
  static let selection = """
    SELECT id, since_usec, cpu_hour_pico, memory_gib_hour_pico, gpu_hour_pico, host_hour_pico,
      share_idle FROM price
    """

  var columns: [Value] {
    [
      .integer(id.number), .integer(since.microseconds), .integer(prices.cpuHour.picoUSD),
      .integer(prices.memoryGiBHour.picoUSD), .integer(prices.gpuHour.picoUSD),
      .optional(prices.hostHour?.picoUSD), .text(prices.shareIdle.rawValue),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let share = HostPrices.ShareIdle(rawValue: row.text(6)) else { return nil }
    var prices = HostPrices()
    prices.cpuHour = Price(picoUSD: row.integer(2))
    prices.memoryGiBHour = Price(picoUSD: row.integer(3))
    prices.gpuHour = Price(picoUSD: row.integer(4))
    prices.hostHour = row.optionalInteger(5).map { Price(picoUSD: $0) }
    prices.shareIdle = share
    self.init(
      id: PriceID(row.integer(0)), since: WallTime(microseconds: row.integer(1)), prices: prices)
  }
}
