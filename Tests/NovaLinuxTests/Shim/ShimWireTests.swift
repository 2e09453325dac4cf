// Orders and reports there and back, and every way of cutting them short. No shim is needed.
// Must never accept half a message as a whole one.

import NovaModel
import Testing

@testable import NovaLinux

@Suite("the shim's frames")
struct ShimWireTests {
  static var spawn: SpawnOrder {
    var order = SpawnOrder(
      slot: "email@3", incarnation: 77, arguments: ["a", "", "ü"], environment: ["A=1", "B="])
    order.directory = "/srv"
    (order.uid, order.gid, order.groups) = (1000, 1001, [4, 27])
    (order.umask, order.nice, order.oomScoreAdjust) = (0o27, -5, -999)
    order.noNewPrivileges = false
    order.capabilities = 1 << 40
    order.rlimits = [ResourceLimit(resource: 7, soft: 1, hard: .max)]
    order.cgroup = "/sys/fs/cgroup/x/w-email-3"
    order.network = .none
    return order
  }

  static let orders: [ShimOrder] = [
    .hello(version: 1, features: ["x", "y"]), .spawn(spawn),
    .spawn(SpawnOrder(slot: "a@1", incarnation: .max, arguments: ["/bin/true"], environment: [])),
    .signal(slot: "a@1", incarnation: 1, signal: 15),
    .signal(slot: "a@1", incarnation: 1, signal: -1, wholeGroup: true), .list,
    .ack(slot: "a@1", incarnation: 1),
    .openNotify(worker: "a", path: "/run/nova/notify/a", uid: 0, gid: .max),
    .closeNotify(worker: "a"), .reexec(path: "/usr/sbin/nova-shim"), .shutdown, .spawn(apart),
  ]

  static var apart: SpawnOrder {
    var order = SpawnOrder(slot: "a@1", incarnation: 2, arguments: ["x"], environment: [])
    order.network = .gateway
    return order
  }

  static let reports: [ShimReport] = [
    .hello(version: 1, features: ["cgroup"], pid: 9, cgroupRoot: "/x", controllers: ["cpu", "io"]),
    .hello(version: 1, features: [], pid: 9, cgroupRoot: nil, controllers: []),
    .started(slot: "a@1", incarnation: 1, pid: 2, startedMonotonicNsec: 3),
    .started(slot: "a@1", incarnation: 1, pid: 2, startedMonotonicNsec: nil),
    .child(slot: "a@1", incarnation: 1, pid: 2, startedMonotonicNsec: 3), .listed,
    .refused("no"),
  ]

  static let statuses: [NovaModel.ExitStatus] = [
    .exited(0), .exited(255), .signaled(9, coreDumped: false), .signaled(11, coreDumped: true),
    .unknown,
  ]

  private func message(_ frame: Frame) -> Message {
    Message(type: frame.type, payload: frame.payload[...], descriptors: [])
  }

  @Test("bring every order over unchanged", arguments: orders)
  func order(order: ShimOrder) {
    guard case .value(order) = ShimOrder.decode(message(order.frame)) else {
      Issue.record("not the same: \(order)")
      return
    }
  }

  @Test("bring every report over unchanged", arguments: reports)
  func report(report: ShimReport) {
    guard case .value(report) = ShimReport.decode(message(report.frame)) else {
      Issue.record("not the same: \(report)")
      return
    }
  }

  @Test("bring every stage over unchanged", arguments: SpawnStage.allCases)
  func stage(stage: SpawnStage) {
    let report = ShimReport.failed(slot: "a@1", incarnation: 1, stage: stage, errno: 2)
    guard case .value(report) = ShimReport.decode(message(report.frame)) else {
      Issue.record("not the same: \(report)")
      return
    }
  }

  @Test("bring every way to end over unchanged", arguments: statuses)
  func status(status: NovaModel.ExitStatus) {
    let report = ShimReport.exited(
      ExitReport(
        slot: "a@1", incarnation: 4, pid: 5, status: status, userUsec: 6, systemUsec: 7,
        maxRSSKiB: 8, at: WallTime(microseconds: -9), atMonotonic: Instant(nanoseconds: 10)))
    guard case .value(report) = ShimReport.decode(message(report.frame)) else {
      Issue.record("not the same: \(report)")
      return
    }
  }

  @Test("cut anywhere are never taken for the whole", arguments: orders)
  func cut(order: ShimOrder) {
    let frame = order.frame
    for length in 0..<frame.payload.count {
      let part = Message(type: frame.type, payload: frame.payload.prefix(length), descriptors: [])
      if case .value(order) = ShimOrder.decode(part) { Issue.record("whole at \(length)") }
    }
  }

  @Test("with one byte changed never trap", arguments: orders)
  func changed(order: ShimOrder) {
    let frame = order.frame
    var decoded = 0
    for index in frame.payload.indices {
      for value: UInt8 in [0, 1, 127, 128, 255] {
        var payload = frame.payload
        payload[index] = value
        let message = Message(type: frame.type, payload: payload[...], descriptors: [])
        if case .unknown = ShimOrder.decode(message) { Issue.record("type lost") }
        decoded += 1
      }
    }
    #expect(decoded == frame.payload.count * 5)
  }

  @Test("of a type nobody knows are skipped", arguments: [UInt16(0), 10, 99, 500])
  func unknown(type: UInt16) {
    guard case .unknown = ShimOrder.decode(message(Frame(type))),
      case .unknown = ShimReport.decode(message(Frame(type)))
    else {
      Issue.record("type \(type) is known")
      return
    }
  }

  @Test("a listener is its child's and comes with its descriptor, or is no report")
  func listener() throws {
    let box = try Descriptor.null()
    let report = ShimReport.listener(slot: "a@1", incarnation: 7, box)
    #expect(report.descriptors == [box])
    let frame = report.frame
    let whole = Message(type: frame.type, payload: frame.payload[...], descriptors: [box])
    guard case .value(report) = ShimReport.decode(whole) else {
      Issue.record("not the same")
      return
    }
    guard case .malformed = ShimReport.decode(message(frame)) else {
      Issue.record("taken without its descriptor")
      return
    }
    for length in 0..<frame.payload.count {
      let part = Message(
        type: frame.type, payload: frame.payload.prefix(length), descriptors: [box])
      guard case .malformed = ShimReport.decode(part) else {
        Issue.record("whole at \(length)")
        return
      }
    }
  }

  @Test("a stage that older brains do not know is told to them in a word that they do")
  func olderWords() {
    func failed(_ stage: SpawnStage) -> ShimReport {
      .failed(slot: "a@1", incarnation: 1, stage: stage, errno: 1)
    }
    #expect(failed(.network).inOlderWords == failed(.privileges))
    #expect(failed(.exec).inOlderWords == failed(.exec))
    #expect(ShimReport.listed.inOlderWords == .listed)
  }

  @Test("an order for a network that nobody knows is refused, not taken for another")
  func unknownNetwork() {
    var writer = FieldWriter()
    SpawnOrder(slot: "a@1", incarnation: 1, arguments: ["x"], environment: []).write(to: &writer)
    // The field is the last one: tag, length and the byte.
    let message = Message(type: 2, payload: (writer.bytes.dropLast() + [3])[...], descriptors: [])
    guard case .malformed = ShimOrder.decode(message) else {
      Issue.record("taken")
      return
    }
  }

  @Test("with a limit that cannot be read are refused, not taken without it")
  func unreadable() {
    var writer = FieldWriter()
    let order = SpawnOrder(slot: "a@1", incarnation: 1, arguments: ["x"], environment: [])
    order.write(to: &writer)
    writer.put(13, UInt8(0))
    let message = Message(type: 2, payload: writer.bytes[...], descriptors: [])
    guard case .malformed = ShimOrder.decode(message) else {
      Issue.record("capabilities of one byte were taken")
      return
    }
  }
}
