// What is done with bytes that nobody meant, a target a parser: it may refuse them or understand them, and what it
// understood must hold. Must never read a clock, a file or anything else but its bytes: a finding has to come again.

import NovaLifecycle
import NovaModel

@testable import NovaLinux
@testable import NovaWire

/// The parsers that are tried; the first six are in `deploy/test`.
enum Target: String, CaseIterable {
  case yaml, api, notify, frames, kernel, cron, json, csv, zone

  /// Parses; stops the program when what it was given back does not hold.
  func run(_ bytes: [UInt8]) {
    switch self {
    case .yaml: tryYAML(bytes)
    case .api: tryAPI(bytes)
    case .notify: tryNotify(bytes)
    case .frames: tryFrames(bytes)
    case .kernel: tryKernelText(bytes)
    case .cron: tryCron(bytes)
    case .json: tryJSON(bytes)
    case .csv: tryCSV(bytes)
    case .zone: tryZone(bytes)
    }
  }
}

/// A worker's file, or with a leading `S` the supervisor's own.
private func tryYAML(_ bytes: [UInt8]) {
  let isSupervisor = bytes.first == UInt8(ascii: "S")
  let file = ConfigurationFile(
    path: "f.yaml", bytes: isSupervisor ? Array(bytes.dropFirst()) : bytes)
  let result = ConfigurationLoader.load(
    ConfigurationSource(
      supervisor: isSupervisor ? file : nil, workers: isSupervisor ? [] : [file], zone: { _ in nil }
    ))
  precondition(
    (result.configuration == nil) != result.problems.isEmpty,
    "a configuration together with problems, or neither")
  precondition(
    result.problems.allSatisfy {
      // The last line of a long list counts those that are left out.
      !$0.message.isEmpty && ($0.line > 0 && $0.column > 0 || $0.file == "configuration")
    },
    "a problem without a place")
}

/// The first line is a request target, the rest a body: every query and every request of the API reads them.
private func tryAPI(_ bytes: [UInt8]) {
  let line = bytes.prefix { $0 != 10 }
  let body = Array(bytes.dropFirst(line.count + 1))
  if let target = RequestTarget(String(decoding: line, as: UTF8.self)) {
    precondition(!target.path.isEmpty, "an empty path")
    let query = QueryParameters(target.query.map { QueryParameters.Item($0.0, $0.1) })
    _ = try? TargetsQuery(query)
    _ = try? WaitQuery(query)
    if let events = try? EventsQuery(query) {
      precondition((try? EventsQuery(events.parameters)) == events, "another query than was read")
    }
    if let logs = try? LogsQuery(query) {
      precondition((try? LogsQuery(logs.parameters)) == logs, "another query than was read")
    }
    _ = Glob.matches(target.path, target.query.first?.0 ?? "")
  }
  if let order = try? APICoding.decode(ActionRequest.self, from: body) {
    let again = try? APICoding.decode(ActionRequest.self, from: APICoding.encode(order))
    precondition(again == order, "another order than was read")
  }
  _ = try? APICoding.decode(ReportRequest.self, from: body)
  _ = try? APICoding.decode(RevenueRequest.self, from: body)
  _ = try? APICoding.decode(RunRequest.self, from: body)
  _ = try? APICoding.decode(BudgetSetRequest.self, from: body)
  _ = try? APICoding.decode(BudgetReserveRequest.self, from: body)
  _ = try? APICoding.decode(ResolutionRequest.self, from: body)
}

/// What a worker sends by sd_notify(3): no text of it may reach a terminal raw.
private func tryNotify(_ bytes: [UInt8]) {
  for field in NotifyMessage.parse(bytes) {
    let text: String
    switch field {
    case .status(let said): text = said
    case .nova(let name, let value):
      precondition(!name.isEmpty && name.utf8.count <= 64, "a name that is none")
      text = value
    case .mainPID(let pid):
      precondition(pid > 0, "a process that cannot be")
      continue
    case .extendTimeout(let span):
      precondition(span >= .zero, "a time that runs backwards")
      continue
    default: continue
    }
    precondition(text.utf8.count <= 1024, "a text without a bound")
    precondition(
      text.unicodeScalars.allSatisfy { $0.value >= 32 && !(0x7F...0x9F).contains($0.value) },
      "a control character")
  }
}

/// Closed by nobody: it is not opened either.
private let sentAlong = [DescriptorBox(Descriptor(-1))]

/// Two bytes of type, then a payload: the shim's orders and the supervisor's reports.
private func tryFrames(_ bytes: [UInt8]) {
  guard bytes.count >= 2 else { return }
  let type = UInt16(bytes[0]) | UInt16(bytes[1]) << 8
  // With a descriptor, since some reports are none without; whoever reads them must not mind one too many.
  let message = Message(type: type, payload: bytes[2...], descriptors: sentAlong)
  if case .value(let order) = ShimOrder.decode(message) {
    let frame = order.frame
    let again = Message(type: frame.type, payload: frame.payload[...], descriptors: [])
    guard case .value(order) = ShimOrder.decode(again) else {
      preconditionFailure("another order than was read")
    }
  }
  if case .value(let report) = ShimReport.decode(message) {
    let frame = report.frame
    let again = Message(
      type: frame.type, payload: frame.payload[...], descriptors: report.descriptors)
    guard case .value(report) = ShimReport.decode(again) else {
      preconditionFailure("another report than was read")
    }
  }
}

/// The small files of cgroups and /proc.
private func tryKernelText(_ bytes: [UInt8]) {
  let text = bytes.span
  for key in ["usage_usec", "oom_kill", "inactive_file", "populated"] {
    _ = KernelText.value(of: Array(key.utf8), in: text)
  }
  _ = KernelText.single(text)
  _ = KernelText.ioBytes(text)
  if let pressure = KernelText.pressure(text) {
    precondition(pressure <= 10_000, "more than all of the time")
  }
  precondition(KernelText.lineCount(text) <= UInt64(bytes.count) + 1, "more lines than bytes")
  precondition(KernelText.processIDs(text).allSatisfy { $0 > 0 }, "a process that cannot be")
  for index in 0..<4 { _ = KernelText.word(index, of: text) }
  _ = ProcessStat(text)
  _ = ProcessIdentity.startTicks(inStat: bytes[...])
  let said = String(decoding: bytes, as: UTF8.self)
  _ = CgroupMount.all(in: said)
  _ = CgroupTree.instance(inGroup: said, below: "/nova")
}

/// A cron expression, and the first times it names.
private func tryCron(_ bytes: [UInt8]) {
  let text = String(decoding: bytes, as: UTF8.self)
  guard let schedule = try? CronText.parse(text) else { return }
  var at = WallTime(microseconds: 1_700_000_000_000_000)
  for _ in 0..<4 {
    guard let next = schedule.next(after: at, zone: .utc) else { return }
    precondition(next > at, "a time that does not come later")
    at = next
  }
}

private func tryJSON(_ bytes: [UInt8]) {
  if let news = ListenerNews(line: bytes) {
    precondition(ListenerNews(line: news.line) == news, "other news than was read")
  }
  guard let value = try? JSONParser.parse(bytes) else { return }
  let written = value.bytes()
  precondition((try? JSONParser.parse(written))?.bytes() == written, "not what was written")
}

/// A file of payments.
private func tryCSV(_ bytes: [UInt8]) {
  if let rows = CSVText.rows(bytes) {
    // A formula gets an apostrophe when it is written, so what is compared is the second writing.
    let written = rows.map(CSVText.line).joined(separator: "\n")
    precondition(CSVText.rows(Array(written.utf8)) != nil, "what was written is no CSV")
  }
  if let found = try? ImportedRevenue.requests(bytes, name: "f", defaultSource: "s") {
    precondition(found.allSatisfy { $0.line > 0 }, "a payment without a line")
  }
}

/// A file of /usr/share/zoneinfo, and what it says of a moment.
private func tryZone(_ bytes: [UInt8]) {
  guard let rules = try? TimeZoneFile.read(bytes, name: "Fuzz/Zone") else { return }
  for year: Int64 in [-3, 0, 31, 54, 70, 400] {
    let seconds = year * 31_556_952
    _ = CivilTime(
      WallTime(microseconds: seconds * 1_000_000), offsetSeconds: rules.offset(at: seconds))
  }
}
