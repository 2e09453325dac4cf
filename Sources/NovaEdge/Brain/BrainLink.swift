// The edge's own line to the supervisor: its settings, asked again when the configuration or the prices change, and the stream of
// events, resumed where it broke off. Must never give up, and never ask faster than a healthy supervisor can answer.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

/// Follows the supervisor. Belongs to the loop's thread.
final class BrainLink {
  /// The settings are there, or there again.
  var onSettings: ((EdgeSettings) -> Void)?
  /// Something happened; in order, each once.
  var onEvent: ((EventRow) -> Void)?
  /// Where "now" is, when there was no place to go on from.
  var onPlace: ((Int64) -> Void)?
  /// A sentence for the log.
  var onTrouble: ((String) -> Void)?

  private let client: HTTPClient
  private let socket: String
  private var retry: NovaLinux.Timer?
  private var pause = BrainLink.shortest
  private var lines = EventLines()
  /// The newest event that was seen; a stream begins after it.
  private(set) var lastEvent: Int64?
  private var isAway = false
  private var stream: HTTPCall?

  private static let shortest = Span.milliseconds(200)
  /// 5 s: what a person waits for after a restart of the supervisor.
  private static let longest = Span.seconds(5)

  init(client: HTTPClient, socket: String, loop: EventLoop) throws(SystemError) {
    self.client = client
    self.socket = socket
    retry = try loop.timer { [weak self] in self?.begin() }
  }

  /// Asks for the settings and then follows the events, from after `event` where one is known.
  func start(after event: Int64?) {
    lastEvent = event
    begin()
  }

  private func begin() {
    askSettings { [weak self] in self?.follow() }
  }

  private func askSettings(then next: @escaping () -> Void) {
    // By itself: what the gateway needs is told to nobody for whom the edge only speaks.
    let order = HTTPOrder.gateway(socket, "GET", "/v1/edge")
    let call = client.start(order) { [weak self] outcome in
      guard let self else { return }
      guard case .answered(200, _, let body) = outcome else { return later(outcome) }
      do throws(APIError) {
        let settings = try APICoding.decodeAnswer(EdgeSettings.self, from: body)
        pause = Self.shortest
        if isAway { onTrouble?("the supervisor answers again") }
        isAway = false
        onSettings?(settings)
        next()
      } catch {
        onTrouble?("cannot read the supervisor's answer: \(error.message)")
        later(outcome)
      }
    }
    if call == nil { later(.failed("no memory")) }
  }

  private func follow() {
    var target = "/v1/events?follow=1"
    target += lastEvent.map { "&after=\($0)" } ?? "&limit=1"
    var order = HTTPOrder.brain(socket, "GET", target, for: nil)
    order.timeout = nil
    lines = EventLines()
    let before = lastEvent
    // One at a time: a second would tell everything twice.
    stream?.cancel()
    let call = client.start(order) { [weak self] outcome in
      guard let self else { return }
      stream = nil
      // A long way to go is told in parts: the next one follows at once.
      if case .answered(200, _, _) = outcome, lastEvent != before { return follow() }
      later(outcome)
    }
    call?.onHead = { status, _ in status == 200 }
    call?.onBytes = { [weak self] bytes in
      guard let self else { return false }
      for data in lines.take(bytes) { take(data) }
      return true
    }
    stream = call
    if call == nil { later(.failed("no memory")) }
  }

  private func take(_ data: [UInt8]) {
    guard let event = try? APICoding.decodeAnswer(EventRow.self, from: data) else { return }
    let isFirst = lastEvent == nil
    lastEvent = event.id
    // The first event may be a later one than that which changed them since they were asked.
    if isFirst || event.type == "config.reloaded" || event.type == "prices.updated" {
      askSettings {}
    }
    // Without a place to begin from, the newest event only tells where "now" is.
    if isFirst { onPlace?(event.id) } else { onEvent?(event) }
  }

  private func later(_ outcome: HTTPOutcome) {
    if !isAway {
      switch outcome {
      case .failed(let reason):
        onTrouble?("cannot reach the supervisor on \(socket): \(reason) (trying again)")
      case .answered(let status, _, _) where status != 200:
        onTrouble?(
          "cannot ask the supervisor: it answered \(status) (is this user nova-edge, or a member of group nova?)"
        )
      case .answered: onTrouble?("the supervisor ended the stream of events (trying again)")
      }
    }
    isAway = true
    retry?.arm(at: Clock.now().instant + pause)
    pause = min(Span(nanoseconds: pause.nanoseconds * 2), Self.longest)
  }
}

/// Server-sent events cut into the bytes of their `data:` lines (WHATWG HTML, section 9.2).
struct EventLines {
  private var pending: [UInt8] = []

  /// The data of the events that `bytes` complete; ours have one line of data each.
  mutating func take(_ bytes: [UInt8]) -> [[UInt8]] {
    pending += bytes
    var found: [[UInt8]] = []
    var start = 0
    while let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = pending[start..<end]
      if line.starts(with: "data: ".utf8) { found.append(Array(line.dropFirst(6))) }
      start = end + 1
    }
    pending.removeFirst(start)
    // No event of ours is that long: a stream that is not one is not kept.
    if pending.count > 1 << 20 { pending = [] }
    return found
  }
}
