// Which alert goes to which channel and when: one message an incident, one after it, retries that grow apart, quiet
// hours, a pause between two messages. A value: it knows no network, no file and no clock.
// Must never lose a message that was taken in, nor hold one back because another cannot be delivered.

package import NovaModel

/// Decides about messages.
package struct Dispatcher: Sendable {
  /// What it asks for.
  package enum Effect: Sendable, Hashable {
    /// These to their one channel, in one message; `sent` follows.
    case send([Delivery])
    /// The outbox changed.
    case save
    /// `tick` is due then; nothing sooner.
    case wake(WallTime)
    /// Final outcomes, for the supervisor's history.
    case report(Delivery, ok: Bool, String)
  }

  /// Messages that are kept at most; more and the least grave are dropped, and reported.
  package static let most = 1000
  /// A message that could not be delivered for a day is given up.
  package static let patience = Span.seconds(86_400)

  /// What must be kept.
  package private(set) var outbox: Outbox
  private var settings = AlertSettings()
  private var zones: [String: TimeZoneRules] = [:]
  private var random: SplitMix
  private var busy: Set<String> = []
  /// By channel where the service said when, by channel and recipient where the pause is our own.
  private var nextAllowed: [Line: WallTime] = [:]

  private struct Line: Hashable {
    var channel: String
    var to: String?
  }

  /// Goes on with what was kept. `seed` is for the spread of retries.
  package init(_ outbox: Outbox, seed: UInt64) {
    self.outbox = outbox
    random = SplitMix(state: seed)
  }

  /// Channels and routes, new or as they were. What waits for a channel that is gone is dropped.
  package mutating func configure(
    _ settings: AlertSettings, zones: [String: TimeZoneRules], at now: WallTime
  ) -> [Effect] {
    self.settings = settings
    self.zones = zones
    let names = Set(settings.channels.map(\.name))
    var effects: [Effect] = []
    for delivery in outbox.deliveries where !names.contains(delivery.channel) {
      effects.append(.report(delivery, ok: false, "there is no such channel any more"))
    }
    outbox.deliveries.removeAll { !names.contains($0.channel) }
    return effects + [.save] + go(at: now)
  }

  /// An event was looked at that is no alert.
  package mutating func seen(_ event: Int64) { outbox.cursor = max(outbox.cursor ?? 0, event) }

  /// An alert was raised or is over, or a channel is to be tried.
  package mutating func take(_ news: AlertNews, at now: WallTime) -> [Effect] {
    // The stream of events resumes behind the cursor; what was taken once is not taken again.
    guard news.event > outbox.cursor ?? 0 else { return [] }
    outbox.cursor = news.event
    var effects: [Effect] = []
    switch news.action {
    case .raise:
      guard !outbox.incidents.contains(where: { $0.key == news.key }) else { break }
      let channels = self.channels(for: news)
      outbox.incidents.append(Incident(key: news.key, channels: channels))
      for channel in channels { put(news, channel, now) }
    case .resolve:
      guard let index = outbox.incidents.firstIndex(where: { $0.key == news.key }) else { break }
      let told = outbox.incidents.remove(at: index).channels
      for name in told {
        for to in recipients(of: name) { callOff(news, name, to, now) }
      }
    case .test:
      if let channel = news.channel, settings.channels.contains(where: { $0.name == channel }) {
        put(news, channel, now)
      } else {
        let lost = Delivery(
          id: 0, channel: news.channel ?? "?", news: news, due: now.microseconds,
          made: now.microseconds)
        effects.append(.report(lost, ok: false, "there is no such channel"))
      }
    }
    effects += shorten()
    return effects + [.save] + go(at: now)
  }

  private mutating func callOff(
    _ news: AlertNews, _ channel: String, _ to: String?, _ now: WallTime
  ) {
    func isItsRaise(_ delivery: Delivery) -> Bool {
      delivery.channel == channel && delivery.to == to && delivery.news.key == news.key
        && delivery.news.action == .raise && !busy.contains(channel)
    }
    // What nobody has heard of need not be called off.
    if let unheard = outbox.deliveries.firstIndex(where: { isItsRaise($0) && $0.attempts == 0 }) {
      outbox.deliveries.remove(at: unheard)
    } else {
      outbox.deliveries.removeAll(where: isItsRaise)
      put(news, channel, to, now)
    }
  }

  /// An attempt has ended.
  package mutating func sent(
    _ deliveries: [Delivery], _ attempt: Attempt, at now: WallTime
  ) -> [Effect] {
    guard let channel = deliveries.first?.channel else { return [] }
    busy.remove(channel)
    var effects: [Effect] = []
    for delivery in deliveries {
      guard let index = outbox.deliveries.firstIndex(where: { $0.id == delivery.id }) else {
        continue
      }
      outbox.deliveries[index].attempts += 1
      let tried = outbox.deliveries[index]
      switch attempt {
      case .delivered:
        outbox.deliveries.remove(at: index)
        // Of several recipients the last one completes the message.
        let isLast = !outbox.deliveries.contains {
          $0.channel == channel && $0.news.event == tried.news.event
        }
        if isLast { effects.append(.report(tried, ok: true, "delivered")) }
      case .refused(let why):
        outbox.deliveries.remove(at: index)
        effects.append(.report(tried, ok: false, why))
      case .later(let why, let after):
        let age = now - WallTime(microseconds: tried.made)
        if tried.news.action == .raise,
          outbox.deliveries[index...].contains(where: {
            $0.channel == channel && $0.to == tried.to && $0.news.key == tried.news.key
              && $0.news.action == .resolve
          })
        {
          // It is over meanwhile: only the end is still worth a message, because this one may have arrived after all.
          outbox.deliveries.remove(at: index)
          continue
        }
        // A person waits for the answer of a test: two tries, not a day.
        if age >= Dispatcher.patience || (tried.news.action == .test && tried.attempts >= 2) {
          outbox.deliveries.remove(at: index)
          effects.append(.report(tried, ok: false, "given up: \(why)"))
        } else {
          let wait = after.map { min($0, .seconds(3600)) } ?? pause(tried.attempts)
          outbox.deliveries[index].due = (now + wait).microseconds
        }
      }
    }
    if case .later(_, let after?) = attempt {
      // The other side named a time: nothing of ours goes there before it.
      nextAllowed[Line(channel: channel)] = now + min(after, .seconds(3600))
    }
    return effects + [.save] + go(at: now)
  }

  /// The time of a `wake` has come.
  package mutating func tick(at now: WallTime) -> [Effect] { go(at: now) }

  /// 2 s, doubled each time up to 10 min, spread by a fifth so that many do not come back together.
  private mutating func pause(_ attempts: Int) -> Span {
    let whole = min(2.0 * Double(1 << min(attempts - 1, 9)), 600)
    let spread = 0.8 + 0.4 * Double(random.next() >> 11) / Double(1 << 53)
    return .milliseconds(Int64(whole * spread * 1000))
  }

  private func channels(for news: AlertNews) -> [String] {
    let routes: [AlertRoute]
    if settings.routes.isEmpty {
      var all = AlertRoute()
      all.channels = settings.channels.map(\.name)
      routes = [all]
    } else {
      routes = settings.routes
    }
    var names: [String] = []
    for route in routes where news.severity.reaches(route.severity) {
      let fits =
        route.workers.isEmpty
        || news.worker.map { worker in route.workers.contains { Glob.matches($0, worker) } }
          ?? false
      guard fits else { continue }
      for name in route.channels where !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// Who gets a message of their own.
  private func recipients(of name: String) -> [String?] {
    let channel = settings.channels.first { $0.name == name }
    guard let channel, channel.kind.takesOneRecipient, channel.to.count > 1 else { return [nil] }
    return channel.to
  }

  private mutating func put(_ news: AlertNews, _ channel: String, _ now: WallTime) {
    for to in recipients(of: channel) { put(news, channel, to, now) }
  }

  private mutating func put(
    _ news: AlertNews, _ channel: String, _ to: String?, _ now: WallTime
  ) {
    outbox.deliveries.append(
      Delivery(
        id: outbox.nextID, channel: channel, to: to, news: news, due: now.microseconds,
        made: now.microseconds))
    outbox.nextID += 1
  }

  private mutating func shorten() -> [Effect] {
    var effects: [Effect] = []
    while outbox.deliveries.count > Dispatcher.most {
      let least =
        outbox.deliveries.indices.first { outbox.deliveries[$0].news.severity != .critical } ?? 0
      effects.append(
        .report(outbox.deliveries.remove(at: least), ok: false, "too many messages are waiting"))
    }
    if outbox.incidents.count > Dispatcher.most { outbox.incidents.removeFirst() }
    return effects
  }

  /// What can be sent now, and when to look again.
  private mutating func go(at now: WallTime) -> [Effect] {
    var effects: [Effect] = []
    var next: WallTime?
    for channel in settings.channels where !busy.contains(channel.name) {
      var due: [Delivery] = []
      // What happened to one incident is told in its order.
      var told: Set<Line> = []
      for delivery in outbox.deliveries where delivery.channel == channel.name {
        let incident = Line(channel: delivery.news.key, to: delivery.to)
        guard delivery.news.action == .test || told.insert(incident).inserted else { continue }
        // A clock that was set back must not hold a message for longer than its longest pause.
        let wait = min(
          WallTime(microseconds: delivery.due) - now, .seconds(3600))
        var at = now + max(.zero, wait)
        for line in [Line(channel: channel.name), Line(channel: channel.name, to: delivery.to)] {
          at = max(at, nextAllowed[line] ?? at)
        }
        if delivery.news.severity != .critical, delivery.news.action != .test,
          let end = quietEnd(channel, at)
        {
          at = max(at, end)
        }
        if at <= now {
          due.append(delivery)
        } else {
          next = min(next ?? at, at)
        }
      }
      guard let first = due.first else { continue }
      busy.insert(channel.name)
      nextAllowed[Line(channel: channel.name, to: first.to)] = now + channel.interval
      // Three and more that have waited become one message, where a message is text.
      due.removeAll { $0.to != first.to }
      let batch = channel.kind.isText && due.count >= 3 ? Array(due.prefix(20)) : [first]
      effects.append(.send(batch))
    }
    if let next { effects.append(.wake(next)) }
    return effects
  }

  private func quietEnd(_ channel: AlertChannel, _ at: WallTime) -> WallTime? {
    guard let quiet = channel.quietHours else { return nil }
    let offset = (zones[quiet.timezone] ?? .utc).offset(at: at.microseconds / 1_000_000)
    let civil = CivilTime(at, offsetSeconds: offset)
    guard let left = quiet.minutesLeft(at: civil.hour * 60 + civil.minute) else { return nil }
    return at + .seconds(Int64(left) * 60 - Int64(civil.second))
  }
}

extension AlertChannel {
  /// At least so long between two messages: what the services allow.
  var interval: Span {
    if let intervalSeconds { return .milliseconds(Int64(intervalSeconds * 1000)) }
    switch kind {
    case .slack: return .seconds(1)
    case .twilio, .smtp, .sendgrid: return .seconds(5)
    case .pagerduty, .webhook, .command, .journal: return .milliseconds(100)
    }
  }
}

extension AlertChannel.Kind {
  /// A message is text for people, so several can be one.
  var isText: Bool {
    switch self {
    case .slack, .twilio, .smtp, .sendgrid: true
    case .pagerduty, .webhook, .command, .journal: false
    }
  }
}

extension AlertChannel.Kind {
  /// One request of the service reaches one recipient, so each is tried for itself.
  var takesOneRecipient: Bool {
    switch self {
    case .slack, .twilio: true
    case .smtp, .sendgrid, .pagerduty, .webhook, .command, .journal: false
    }
  }
}

/// splitmix64: enough to spread retries.
struct SplitMix: Sendable {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
