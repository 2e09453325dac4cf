// Orders as frames. Types 1...99 are orders, 101... are reports; a number once given is never used again.
// Must never change the meaning of a tag: a shim of an older build reads what a newer brain writes.

extension ShimOrder {
  var frame: Frame {
    switch self {
    case .hello(let version, let features):
      Frame(1) {
        $0.put(1, version)
        $0.put(2, features)
      }
    case .spawn(let order): Frame(2) { order.write(to: &$0) }
    case .signal(let slot, let incarnation, let signal, let wholeGroup):
      Frame(3) {
        $0.put(1, slot)
        $0.put(2, incarnation)
        $0.put(3, signal)
        if wholeGroup { $0.put(4, UInt8(1)) }
      }
    case .list: Frame(4)
    case .ack(let slot, let incarnation):
      Frame(5) {
        $0.put(1, slot)
        $0.put(2, incarnation)
      }
    case .openNotify(let worker, let path, let uid, let gid):
      Frame(6) {
        $0.put(1, worker)
        $0.put(2, path)
        $0.put(3, uid)
        $0.put(4, gid)
      }
    case .closeNotify(let worker): Frame(7) { $0.put(1, worker) }
    case .reexec(let path): Frame(8) { $0.put(1, path) }
    case .shutdown: Frame(9)
    }
  }

  static func decode(_ message: Message) -> Decoded<ShimOrder> {
    guard (1...9).contains(message.type) else { return .unknown }
    guard let fields = Fields(message.payload), let order = read(message.type, fields) else {
      return .malformed
    }
    return .value(order)
  }

  private static func read(_ type: UInt16, _ fields: Fields) -> ShimOrder? {
    switch type {
    case 1:
      guard let version: UInt32 = fields.number(1), let features = fields.texts(2) else {
        return nil
      }
      return .hello(version: version, features: features)
    case 2: return SpawnOrder(fields).map(ShimOrder.spawn)
    case 3:
      guard let slot = fields.text(1), let incarnation: UInt64 = fields.number(2),
        let signal: Int32 = fields.number(3)
      else { return nil }
      return .signal(
        slot: slot, incarnation: incarnation, signal: signal,
        wholeGroup: fields.number(4, as: UInt8.self) == 1)
    case 4: return .list
    case 5:
      guard let slot = fields.text(1), let incarnation: UInt64 = fields.number(2) else {
        return nil
      }
      return .ack(slot: slot, incarnation: incarnation)
    case 6:
      guard let worker = fields.text(1), let path = fields.text(2),
        let uid: UInt32 = fields.number(3), let gid: UInt32 = fields.number(4)
      else { return nil }
      return .openNotify(worker: worker, path: path, uid: uid, gid: gid)
    case 7: return fields.text(1).map { .closeNotify(worker: $0) }
    case 8: return fields.text(1).map { .reexec(path: $0) }
    case 9: return .shutdown
    default: return nil
    }
  }
}

extension SpawnOrder {
  func write(to writer: inout FieldWriter) {
    writer.put(1, slot)
    writer.put(2, incarnation)
    writer.put(3, arguments)
    writer.put(4, environment)
    if let directory { writer.put(5, directory) }
    if let uid { writer.put(6, uid) }
    if let gid { writer.put(7, gid) }
    for group in groups { writer.put(8, group) }
    if let umask { writer.put(9, umask) }
    if let nice { writer.put(10, nice) }
    writer.put(11, oomScoreAdjust)
    writer.put(12, UInt8(noNewPrivileges ? 1 : 0))
    if let capabilities { writer.put(13, capabilities) }
    for limit in rlimits {
      var pair = FieldWriter()
      pair.put(1, limit.resource)
      pair.put(2, limit.soft)
      pair.put(3, limit.hard)
      writer.put(14, pair.bytes)
    }
    if let cgroup { writer.put(15, cgroup) }
    writer.put(16, network.rawValue)
  }

  init?(_ fields: Fields) {
    guard let slot = fields.text(1), let incarnation: UInt64 = fields.number(2),
      let arguments = fields.texts(3), let environment = fields.texts(4),
      let oomScoreAdjust: Int32 = fields.number(11),
      let noNewPrivileges: UInt8 = fields.number(12),
      let network = fields.number(16, as: UInt8.self).flatMap(Network.init(rawValue:))
    else { return nil }
    self.init(
      slot: slot, incarnation: incarnation, arguments: arguments, environment: environment)
    self.oomScoreAdjust = oomScoreAdjust
    self.noNewPrivileges = noNewPrivileges != 0
    self.network = network
    for value in fields.all(8) {
      guard let group = littleEndian(UInt32.self, value) else { return nil }
      groups.append(group)
    }
    for value in fields.all(14) {
      guard let pair = Fields(value), let resource: Int32 = pair.number(1),
        let soft: UInt64 = pair.number(2), let hard: UInt64 = pair.number(3)
      else { return nil }
      rlimits.append(ResourceLimit(resource: resource, soft: soft, hard: hard))
    }
    // Optional, but not optional to understand: a limit on what the worker may do that is present and unreadable
    // must not be taken for absent.
    directory = fields.text(5)
    uid = fields.number(6)
    gid = fields.number(7)
    umask = fields.number(9)
    nice = fields.number(10)
    capabilities = fields.number(13)
    cgroup = fields.text(15)
    let understood: [(UInt16, Bool)] = [
      (5, directory != nil), (6, uid != nil), (7, gid != nil), (9, umask != nil),
      (10, nice != nil), (13, capabilities != nil), (15, cgroup != nil),
    ]
    for (tag, read) in understood where fields.has(tag) != read { return nil }
  }
}
