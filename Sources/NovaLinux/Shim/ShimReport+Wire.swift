// Reports as frames; see ShimOrder+Wire.swift for the rule about numbers.
// Must never invent a value for a field it cannot read.

internal import NovaModel

extension ShimReport {
  /// The frame and the descriptors that go with it.
  var frame: Frame {
    switch self {
    case .hello(let version, let features, let pid, let root, let controllers):
      Frame(101) {
        $0.put(1, version)
        $0.put(2, features)
        $0.put(3, pid)
        if let root { $0.put(4, root) }
        $0.put(5, controllers)
      }
    case .started(let slot, let incarnation, let pid, let started):
      Frame(102) {
        $0.put(1, slot)
        $0.put(2, incarnation)
        $0.put(3, pid)
        if let started { $0.put(4, started) }
      }
    case .failed(let slot, let incarnation, let stage, let number):
      Frame(103) {
        $0.put(1, slot)
        $0.put(2, incarnation)
        $0.put(3, stage.rawValue)
        $0.put(4, number)
      }
    case .child(let slot, let incarnation, let pid, let started):
      Frame(104) {
        $0.put(1, slot)
        $0.put(2, incarnation)
        $0.put(3, pid)
        $0.put(4, started)
      }
    case .exited(let exit): Frame(105) { exit.write(to: &$0) }
    case .listed: Frame(106)
    case .notifySocket(let worker, _): Frame(107) { $0.put(1, worker) }
    case .refused(let text): Frame(108) { $0.put(1, text) }
    case .listener(let slot, let incarnation, _):
      Frame(109) {
        $0.put(1, slot)
        $0.put(2, incarnation)
      }
    }
  }

  var descriptors: [DescriptorBox] {
    switch self {
    case .notifySocket(_, let box), .listener(_, _, let box): [box]
    default: []
    }
  }

  static func decode(_ message: Message) -> Decoded<ShimReport> {
    guard (101...109).contains(message.type) else { return .unknown }
    guard let fields = Fields(message.payload), let report = read(message, fields) else {
      return .malformed
    }
    return .value(report)
  }

  private static func read(_ message: Message, _ fields: Fields) -> ShimReport? {
    switch message.type {
    case 101:
      guard let version: UInt32 = fields.number(1), let features = fields.texts(2),
        let pid: Int32 = fields.number(3), let controllers = fields.texts(5)
      else { return nil }
      return .hello(
        version: version, features: features, pid: pid, cgroupRoot: fields.text(4),
        controllers: controllers)
    case 106: return .listed
    case 105: return ExitReport(fields).map(ShimReport.exited)
    case 107:
      guard let worker = fields.text(1), let box = message.descriptors.first else { return nil }
      return .notifySocket(worker: worker, box)
    case 108: return fields.text(1).map(ShimReport.refused)
    case 109:
      guard let slot = fields.text(1), let incarnation: UInt64 = fields.number(2),
        let box = message.descriptors.first
      else { return nil }
      return .listener(slot: slot, incarnation: incarnation, box)
    default: return readChild(message.type, fields)
    }
  }

  private static func readChild(_ type: UInt16, _ fields: Fields) -> ShimReport? {
    guard let slot = fields.text(1), let incarnation: UInt64 = fields.number(2) else { return nil }
    switch type {
    case 102:
      guard let pid: Int32 = fields.number(3) else { return nil }
      return .started(
        slot: slot, incarnation: incarnation, pid: pid, startedMonotonicNsec: fields.number(4))
    case 103:
      guard let stage = fields.text(3).flatMap(SpawnStage.init(rawValue:)),
        let number: Int32 = fields.number(4)
      else { return nil }
      return .failed(slot: slot, incarnation: incarnation, stage: stage, errno: number)
    case 104:
      guard let pid: Int32 = fields.number(3), let started: UInt64 = fields.number(4) else {
        return nil
      }
      return .child(
        slot: slot, incarnation: incarnation, pid: pid, startedMonotonicNsec: started)
    default: return nil
    }
  }
}

extension ExitReport {
  func write(to writer: inout FieldWriter) {
    writer.put(1, slot)
    writer.put(2, incarnation)
    writer.put(3, pid)
    switch status {
    case .exited(let code): writer.put(4, code)
    case .signaled(let signal, let dumped):
      writer.put(5, signal)
      writer.put(6, UInt8(dumped ? 1 : 0))
    case .unknown: break
    }
    writer.put(7, userUsec)
    writer.put(8, systemUsec)
    writer.put(9, maxRSSKiB)
    writer.put(10, at.microseconds)
    writer.put(11, atMonotonic.nanoseconds)
  }

  init?(_ fields: Fields) {
    guard let slot = fields.text(1), let incarnation: UInt64 = fields.number(2),
      let pid: Int32 = fields.number(3), let user: UInt64 = fields.number(7),
      let system: UInt64 = fields.number(8), let rss: UInt64 = fields.number(9),
      let at: Int64 = fields.number(10), let monotonic: UInt64 = fields.number(11)
    else { return nil }
    let status: ExitStatus =
      if let code: Int32 = fields.number(4) {
        .exited(code)
      } else if let signal: Int32 = fields.number(5) {
        .signaled(signal, coreDumped: fields.number(6, as: UInt8.self) == 1)
      } else {
        .unknown
      }
    self.init(
      slot: slot, incarnation: incarnation, pid: pid, status: status, userUsec: user,
      systemUsec: system, maxRSSKiB: rss, at: WallTime(microseconds: at),
      atMonotonic: Instant(nanoseconds: monotonic))
  }
}
