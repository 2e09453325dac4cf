// The heap against a naive list, over thousands of random steps. Must never look at a clock.

import NovaLifecycle
import NovaModel
import Testing

@testable import NovaDaemon

@Suite struct TimerQueueTests {
  /// What the queue promises, said in the simplest way there is.
  struct Model {
    var armed: [TimerQueue.Key: (at: Instant, epoch: UInt64)] = [:]

    var next: Instant? { armed.values.map(\.at).min() }

    mutating func take(at now: Instant) -> Set<TimerQueue.Due> {
      let due = armed.filter { $0.value.at <= now }
      for key in due.keys { armed[key] = nil }
      return Set(due.map { TimerQueue.Due(key: $0.key, epoch: $0.value.epoch) })
    }
  }

  static let ids = (1...6).compactMap { InstanceID("w@\($0)") }

  @Test("agrees with a naive list", arguments: [1, 7, 42, 2026] as [UInt64])
  func model(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var queue = TimerQueue()
    var model = Model()
    var now = Instant(nanoseconds: 1000)
    for epoch in 0..<4000 as Range<UInt64> {
      guard let id = Self.ids.randomElement(using: &random),
        let kind = TimerKind.allCases.randomElement(using: &random)
      else { return }
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        // Now and then in the past, and often at the same instant as another.
        let at = Instant(
          nanoseconds: now.nanoseconds - 20 + UInt64.random(in: 0..<100, using: &random))
        queue.arm(id, kind, at: at, epoch: epoch)
        model.armed[TimerQueue.Key(id: id, kind: kind)] = (at, epoch)
      case 5..<7:
        queue.disarm(id, kind)
        model.armed[TimerQueue.Key(id: id, kind: kind)] = nil
      case 7:
        try #require(queue.next() == model.next)
      default:
        now = now + Span(nanoseconds: Int64.random(in: 0..<30, using: &random))
        let due = queue.take(at: now, limit: .max)
        let expected = model.take(at: now)
        try #require(Set(due) == expected)
        try #require(due.count == expected.count)
      }
      try #require(queue.count == model.armed.count)
    }
  }

  @Test("gives what is due in the order of time, at most as many as asked, the rest later")
  func order() throws {
    var queue = TimerQueue()
    let id = try #require(InstanceID("w@1"))
    let times: [(TimerKind, UInt64)] = [(.backoff, 30), (.stable, 10), (.watchdog, 20)]
    for (kind, at) in times { queue.arm(id, kind, at: Instant(nanoseconds: at), epoch: at) }
    let now = Instant(nanoseconds: 30)
    #expect(queue.take(at: now, limit: 2).map(\.key.kind) == [.stable, .watchdog])
    #expect(queue.next() == now)
    #expect(queue.take(at: now, limit: 2).map(\.epoch) == [30])
    #expect(queue.take(at: now, limit: 2).isEmpty)
  }

  @Test("a replaced deadline never fires, also when the new one is later")
  func replaced() throws {
    var queue = TimerQueue()
    let id = try #require(InstanceID("w@1"))
    queue.arm(id, .backoff, at: Instant(nanoseconds: 5), epoch: 1)
    queue.arm(id, .backoff, at: Instant(nanoseconds: 50), epoch: 2)
    #expect(queue.next() == Instant(nanoseconds: 50))
    #expect(queue.take(at: Instant(nanoseconds: 10), limit: 9).isEmpty)
    #expect(queue.take(at: Instant(nanoseconds: 50), limit: 9).map(\.epoch) == [2])
    #expect(queue.count == 0)
  }

  @Test("an instance's timers are its own, and disarming what is not armed is harmless")
  func apart() throws {
    var queue = TimerQueue()
    let one = try #require(InstanceID("a@1"))
    let two = try #require(InstanceID("a@2"))
    queue.arm(one, .backoff, at: Instant(nanoseconds: 5), epoch: 1)
    queue.disarm(two, .backoff)
    queue.disarm(one, .stable)
    #expect(queue.count == 1)
    queue.disarm(one, .backoff)
    #expect(queue.next() == nil)
    #expect(queue.take(at: Instant(nanoseconds: 9), limit: 9).isEmpty)
  }

  @Test(
    "a heartbeat that moves its deadline again and again does not make the heap grow without end")
  func bounded() throws {
    var queue = TimerQueue()
    let id = try #require(InstanceID("w@1"))
    for beat in 1...20_000 as ClosedRange<UInt64> {
      queue.arm(id, .watchdog, at: Instant(nanoseconds: 1000 + beat), epoch: beat)
    }
    #expect(queue.storedEntries <= 65)
    #expect(queue.take(at: Instant(nanoseconds: .max), limit: .max).map(\.epoch) == [20_000])
  }
}
