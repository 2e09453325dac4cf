// One message an incident, whatever fails in between. Virtual time; must never send anything.

import NovaModel
import Testing

@testable import NovaEdge

@Suite struct DispatcherTests {
  /// 2027-01-15T08:00:00Z, a Friday.
  static let start = WallTime(microseconds: 1_800_000_000_000_000)

  static func channel(
    _ name: String, _ kind: AlertChannel.Kind = .webhook,
    _ change: (inout AlertChannel) -> Void = { _ in }
  ) -> AlertChannel {
    var channel = AlertChannel(name: name, kind: kind)
    change(&channel)
    return channel
  }

  static func news(
    _ event: Int64, _ action: AlertAction = .raise, key: String = "crash_rate:a",
    severity: AlertRoute.Severity = .critical, worker: String? = "a", channel: String? = nil
  ) -> AlertNews {
    AlertNews(
      event: event, action: action, key: key, kind: "crash_rate", severity: severity,
      worker: worker,
      message: "m\(event)", at: "2027-01-15T08:00:00Z", channel: channel)
  }

  static func desk(_ channels: AlertChannel..., routes: [AlertRoute] = []) -> Dispatcher {
    var dispatcher = Dispatcher(Outbox(), seed: 1)
    var settings = AlertSettings()
    settings.channels = channels
    settings.routes = routes
    _ = dispatcher.configure(settings, zones: [:], at: start)
    return dispatcher
  }

  static func sends(_ effects: [Dispatcher.Effect]) -> [[Delivery]] {
    effects.compactMap { if case .send(let deliveries) = $0 { deliveries } else { nil } }
  }

  static func wake(_ effects: [Dispatcher.Effect]) -> Span? {
    effects.compactMap { if case .wake(let at) = $0 { at - start } else { nil } }.last
  }

  static func reports(_ effects: [Dispatcher.Effect]) -> [String] {
    effects.compactMap {
      if case .report(let delivery, let ok, let words) = $0 {
        "\(delivery.channel) \(ok ? "ok" : "failed") \(words)"
      } else {
        nil
      }
    }
  }

  @Test("an incident is told once, its end once, and the next one anew")
  func once() {
    var desk = Self.desk(Self.channel("a"), Self.channel("b"))
    let raised = Self.sends(desk.take(Self.news(1), at: Self.start))
    #expect(raised.map { $0.map(\.channel) } == [["a"], ["b"]])
    for deliveries in raised { _ = desk.sent(deliveries, .delivered, at: Self.start) }
    #expect(Self.sends(desk.take(Self.news(2), at: Self.start)).isEmpty, "it is known")
    let later = Self.start + .seconds(60)
    let over = Self.sends(desk.take(Self.news(3, .resolve), at: later))
    #expect(over.flatMap(\.self).map(\.news.action) == [.resolve, .resolve])
    for deliveries in over { _ = desk.sent(deliveries, .delivered, at: later) }
    #expect(Self.sends(desk.take(Self.news(4, .resolve), at: later)).isEmpty)
    #expect(Self.sends(desk.take(Self.news(5), at: later + .seconds(60))).count == 2)
  }

  @Test("an event that is seen again after a restart is not told again")
  func replay() {
    var desk = Self.desk(Self.channel("a"))
    _ = desk.take(Self.news(7), at: Self.start)
    var again = Dispatcher(desk.outbox, seed: 2)
    #expect(again.take(Self.news(7), at: Self.start).isEmpty)
    #expect(again.outbox.deliveries.count == 1, "what was not delivered is still there")
    var settings = AlertSettings()
    settings.channels = [Self.channel("a")]
    #expect(Self.sends(again.configure(settings, zones: [:], at: Self.start)).count == 1)
  }

  @Test("what is over before anybody heard of it is never told")
  func unheard() {
    var desk = Self.desk(
      Self.channel("phone", .twilio) {
        $0.quietHours = QuietHours(from: 0, until: 600, timezone: "UTC")
      })
    let effects = desk.take(Self.news(1, severity: .warning), at: Self.start)
    #expect(Self.sends(effects).isEmpty)
    #expect(Self.wake(effects) == .seconds(7200), "quiet until ten o'clock")
    #expect(
      Self.sends(desk.take(Self.news(2, .resolve, severity: .warning), at: Self.start)).isEmpty)
    #expect(desk.outbox.deliveries.isEmpty)
    #expect(
      Self.sends(desk.take(Self.news(3, key: "x"), at: Self.start)).count == 1, "critical is told")
  }

  @Test("retries grow apart up to ten minutes, spread by a fifth, and end after a day")
  func retries() {
    var desk = Self.desk(Self.channel("a"))
    var now = Self.start
    var sends = Self.sends(desk.take(Self.news(1), at: now))
    var waits: [Double] = []
    var effects: [Dispatcher.Effect] = []
    while let deliveries = sends.first {
      effects = desk.sent(deliveries, .later("status 500", after: nil), at: now)
      guard let next = Self.wake(effects) else { break }
      waits.append(Double((Self.start + next - now).wholeMilliseconds) / 1000)
      now = Self.start + next
      sends = Self.sends(desk.tick(at: now))
    }
    for (index, wait) in waits.prefix(9).enumerated() {
      let whole = min(2.0 * Double(1 << index), 600)
      #expect(wait >= whole * 0.79 && wait <= whole * 1.21, "pause \(index) is \(wait) s")
    }
    #expect(waits.max() ?? 0 <= 721)
    #expect(waits.count > 100)
    #expect(Self.reports(effects) == ["a failed given up: status 500"])
    #expect(now - Self.start < .seconds(86_400 + 800))
    #expect(desk.outbox.deliveries.isEmpty)
  }

  @Test("a time that the other side names is obeyed, for everything that goes there")
  func retryAfter() {
    var desk = Self.desk(Self.channel("a"))
    let first = Self.sends(desk.take(Self.news(1), at: Self.start))
    let effects = desk.sent(first[0], .later("429", after: .seconds(30)), at: Self.start)
    #expect(Self.wake(effects) == .seconds(30))
    #expect(Self.sends(desk.take(Self.news(2, key: "other"), at: Self.start + .seconds(5))).isEmpty)
    #expect(Self.sends(desk.tick(at: Self.start + .seconds(29))).isEmpty)
    #expect(Self.sends(desk.tick(at: Self.start + .seconds(30))).count == 1)
  }

  @Test("what is refused for good is reported and holds nothing up")
  func refused() {
    var desk = Self.desk(Self.channel("a"))
    let first = Self.sends(desk.take(Self.news(1), at: Self.start))
    _ = desk.take(Self.news(2, key: "other"), at: Self.start)
    let effects = desk.sent(first[0], .refused("status 403"), at: Self.start + .seconds(1))
    #expect(Self.reports(effects) == ["a failed status 403"])
    #expect(Self.sends(effects).first?.map(\.news.event) == [2])
  }

  @Test("one message that cannot be delivered does not hold the next one back")
  func noQueue() {
    var desk = Self.desk(Self.channel("a"))
    let first = Self.sends(desk.take(Self.news(1), at: Self.start))
    _ = desk.sent(first[0], .later("reset", after: nil), at: Self.start)
    let second = Self.sends(desk.take(Self.news(2, key: "other"), at: Self.start + .seconds(1)))
    #expect(second.first?.map(\.news.event) == [2])
  }

  @Test("three that waited become one where a message is text, and stay three elsewhere")
  func batches() {
    for (kind, sizes) in [(AlertChannel.Kind.slack, [3]), (.pagerduty, [1])] {
      var desk = Self.desk(Self.channel("c", kind) { $0.intervalSeconds = 10 })
      _ = Self.sends(desk.take(Self.news(1, key: "1"), at: Self.start))
      let first = desk.outbox.deliveries
      for event in 2...4 { _ = desk.take(Self.news(Int64(event), key: "\(event)"), at: Self.start) }
      let effects = desk.sent(first, .delivered, at: Self.start + .seconds(1))
      #expect(Self.sends(effects).isEmpty, "ten seconds between two messages")
      #expect(Self.wake(effects) == .seconds(10))
      #expect(Self.sends(desk.tick(at: Self.start + .seconds(10))).map(\.count) == sizes)
    }
  }

  @Test("each recipient of an SMS is tried for itself, and the last one completes the message")
  func recipients() {
    var desk = Self.desk(Self.channel("phone", .twilio) { $0.to = ["1", "2", "3"] })
    var now = Self.start
    var flying = Self.sends(desk.take(Self.news(1), at: now))
    var tried: [String] = []
    var said: [String] = []
    while let deliveries = flying.first {
      #expect(deliveries.count == 1)
      let to = deliveries[0].to ?? ""
      tried.append(to)
      let attempt: Attempt =
        to == "1" && tried.count == 1
        ? .later("busy", after: nil) : to == "2" ? .refused("not a mobile number") : .delivered
      var effects = desk.sent(deliveries, attempt, at: now)
      said += Self.reports(effects)
      if Self.sends(effects).isEmpty, let wake = Self.wake(effects) {
        now = Self.start + wake
        effects = desk.tick(at: now)
      }
      flying = Self.sends(effects)
    }
    #expect(tried == ["1", "2", "3", "1"], "a recipient that is busy holds nobody back")
    #expect(said == ["phone failed not a mobile number", "phone ok delivered"])
    #expect(now - Self.start == .seconds(5), "five seconds between two messages to one of them")
    let over = Self.sends(desk.take(Self.news(2, .resolve), at: now + .seconds(60)))
    #expect(over.map { $0.map(\.to) } == [["1"]])
    #expect(desk.outbox.deliveries.map(\.to) == ["1", "2", "3"])
  }

  @Test("routes by severity and worker")
  func routes() {
    var grave = AlertRoute()
    grave.severity = .critical
    grave.channels = ["pager"]
    var agents = AlertRoute()
    agents.workers = ["agent-*"]
    agents.channels = ["team", "pager"]
    let channels = (Self.channel("pager"), Self.channel("team"))
    func told(_ severity: AlertRoute.Severity, _ worker: String?) -> Set<String> {
      var desk = Self.desk(channels.0, channels.1, routes: [grave, agents])
      let news = Self.news(1, severity: severity, worker: worker)
      return Set(Self.sends(desk.take(news, at: Self.start)).flatMap(\.self).map(\.channel))
    }
    #expect(told(.critical, "x") == ["pager"])
    #expect(told(.critical, nil) == ["pager"])
    #expect(told(.warning, "x") == [])
    #expect(told(.warning, "agent-7") == ["pager", "team"])
    #expect(told(.notice, "agent-7") == [])
    #expect(told(.warning, nil) == [])
  }

  @Test("a test goes to its one channel past quiet hours, and is given up after two tries")
  func tests() {
    var desk = Self.desk(
      Self.channel("a") { $0.quietHours = QuietHours(from: 0, until: 1439, timezone: "UTC") },
      Self.channel("b"))
    let first = Self.sends(
      desk.take(Self.news(1, .test, severity: .info, channel: "a"), at: Self.start))
    #expect(first.map { $0.map(\.channel) } == [["a"]])
    _ = desk.sent(first[0], .later("x", after: nil), at: Self.start)
    let again = Self.sends(desk.tick(at: Self.start + .seconds(3)))
    #expect(again.count == 1)
    let end = desk.sent(again[0], .later("x", after: nil), at: Self.start + .seconds(3))
    #expect(Self.reports(end) == ["a failed given up: x"])
    let none = desk.take(Self.news(2, .test, channel: "zzz"), at: Self.start)
    #expect(Self.reports(none) == ["zzz failed there is no such channel"])
  }

  @Test("an outbox has an end: the least grave goes first, and it is said")
  func bounded() {
    var desk = Self.desk(Self.channel("a") { $0.intervalSeconds = 3600 })
    var dropped = 0
    for event in 1...1200 {
      let severity: AlertRoute.Severity = event <= 1000 ? .critical : .warning
      dropped +=
        Self.reports(
          desk.take(Self.news(Int64(event), key: "\(event)", severity: severity), at: Self.start)
        ).count
    }
    #expect(desk.outbox.deliveries.count == Dispatcher.most)
    #expect(dropped == 200)
    #expect(desk.outbox.deliveries.allSatisfy { $0.news.severity == .critical })
  }

  @Test("a channel that is taken out of the configuration takes its messages with it")
  func gone() {
    var desk = Self.desk(Self.channel("a"))
    _ = desk.take(Self.news(1), at: Self.start)
    let effects = desk.configure(AlertSettings(), zones: [:], at: Self.start)
    #expect(Self.reports(effects) == ["a failed there is no such channel any more"])
    #expect(desk.outbox.deliveries.isEmpty)
  }

  @Test(
    "whatever happens: each incident that was told is called off, none is told twice",
    arguments: 0..<30)
  func model(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    var desk = Self.desk(Self.channel("a") { $0.intervalSeconds = 0 })
    var now = Self.start
    var flying: [[Delivery]] = []
    var told: [String: [AlertAction]] = [:]
    func absorb(_ effects: [Dispatcher.Effect]) { flying += Self.sends(effects) }
    var isRaised: Set<String> = []
    for event in 1...400 {
      now = now + .seconds(Int64(random.next() % 20))
      let key = "k\(random.next() % 3)"
      let action: AlertAction = isRaised.contains(key) ? .resolve : .raise
      if action == .raise { isRaised.insert(key) } else { isRaised.remove(key) }
      absorb(desk.take(Self.news(Int64(event), action, key: key), at: now))
      absorb(desk.tick(at: now))
      if random.next() % 2 == 0, !flying.isEmpty {
        let deliveries = flying.removeFirst()
        let works = random.next() % 3 != 0
        if works {
          for one in deliveries { told[one.news.key, default: []].append(one.news.action) }
        }
        absorb(desk.sent(deliveries, works ? .delivered : .later("x", after: nil), at: now))
      }
      if random.next() % 40 == 0 {
        // A crash: what was under way is forgotten, the outbox is not.
        flying = []
        desk = Dispatcher(desk.outbox, seed: random.next())
        var settings = AlertSettings()
        settings.channels = [Self.channel("a") { $0.intervalSeconds = 0 }]
        absorb(desk.configure(settings, zones: [:], at: now))
      }
    }
    for (key, actions) in told {
      for (before, after) in zip(actions, actions.dropFirst()) {
        #expect(before != after || before == .resolve, "\(key): \(before) after \(before)")
      }
    }
  }
}
