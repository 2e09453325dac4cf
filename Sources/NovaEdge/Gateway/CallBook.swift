// Tells the supervisor what calls have cost and which reservations are done with, until it has it on its disk. Must never forget
// a call that was not told, nor tell a reservation closed before its calls.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

/// Calls on their way into the ledger. Belongs to the loop's thread.
final class CallBook {
  private let client: HTTPClient
  private let socket: String
  private var journal: CallJournal
  private var timer: NovaLinux.Timer?
  /// To be told, in the order in which it happened: a reservation stands behind all of its calls.
  private var waiting: ArraySlice<News> = []
  /// Being told.
  private var sent: [News] = []
  /// For the journal's rewriting: what is under way.
  private var running: [String: GatewayCall] = [:]
  private var asked: [String: [UInt8]] = [:]
  private var open: Set<Int64> = []
  private var isTelling = false
  private var pause = CallBook.shortest
  /// What waits for that reservation's money to be free.
  private var afterClose: [Int64: () -> Void] = [:]
  /// A sentence for the log.
  var onTrouble: ((String) -> Void)?

  /// One thing to be told.
  private enum News {
    case call(GatewayCall)
    case close(Int64)
  }

  /// How long a call waits for others to be told with it: one commit for all of them.
  private static let together = Span.milliseconds(50)
  private static let shortest = Span.milliseconds(200)
  private static let longest = Span.seconds(5)
  /// In one request; some 30 KB, so that no turn of the loop is long.
  private static let most = 64
  /// How many are told at once now: one by one where the supervisor has found fault with a request.
  private var batch = CallBook.most
  /// So many untold calls mean that the supervisor takes none: no new one begins.
  static let full = 100_000

  init(client: HTTPClient, socket: String, journal path: String, loop: EventLoop)
    throws(SystemError)
  {
    self.client = client
    self.socket = socket
    let rest = (try? FileBytes.read(path, limit: 256 << 20)).map { CallJournal.read($0) }
    journal = try CallJournal(path: path)
    timer = try loop.timer { [weak self] in self?.tell() }
    guard let rest, !rest.isEmpty else { return }
    waiting = (rest.calls.map { .call($0) } + rest.open.sorted().map { .close($0) })[...]
    asked = rest.asked
    open = rest.open
    timer?.arm(at: Clock.now().instant)
  }

  /// Whether new calls may begin; else why not.
  var refusal: String? {
    if let trouble = journal.trouble {
      return "the gateway's journal cannot be written: \(trouble)"
    }
    return waiting.count + sent.count < Self.full
      ? nil : "the supervisor has not taken the cost of \(waiting.count) calls"
  }

  /// Reservations that the gateway before us asked for and did not hear of: asked again, the same key gets the same answer.
  func takeAsked() -> [String: [UInt8]] { asked }

  func asks(_ key: String, _ body: [UInt8]) {
    asked[key] = body
    journal.asks(key, body)
  }

  func refused(_ key: String) {
    asked[key] = nil
    journal.refused(key)
    tidy()
  }

  func opened(_ key: String, _ reservation: Int64) {
    asked[key] = nil
    open.insert(reservation)
    journal.opened(key, reservation)
  }

  func begins(_ call: GatewayCall) {
    running[call.id] = call
    journal.begins(call)
  }

  func ends(_ call: GatewayCall) {
    if running.removeValue(forKey: call.id) != nil || call.costPicoUSD != "0" { journal.ends(call) }
    waiting.append(.call(call))
    arm()
  }

  /// Nothing more is spent of these; `then` when they are closed and their money is free.
  func close(_ reservations: [Int64], then: (() -> Void)? = nil) {
    waiting += reservations.map { .close($0) }
    if let then, let last = reservations.last { afterClose[last] = then }
    arm()
  }

  private func arm() {
    guard !isTelling else { return }
    let now = Clock.now().instant
    timer?.arm(at: waiting.count >= Self.most || !afterClose.isEmpty ? now : now + Self.together)
  }

  private func tell() {
    guard !isTelling, !waiting.isEmpty else { return }
    isTelling = true
    sent = Array(waiting.prefix(batch))
    waiting = waiting.dropFirst(sent.count)
    var calls: [GatewayCall] = []
    var closing: [Int64] = []
    for news in sent {
      switch news {
      case .call(let call): calls.append(call)
      case .close(let reservation): closing.append(reservation)
      }
    }
    var order = HTTPOrder.gateway(socket, "POST", "/v1/gateway/calls")
    order.body = GatewayCall.request(calls, close: closing)
    let call = client.start(order) { [weak self] in self?.told($0) }
    if call == nil { told(.failed("no memory")) }
  }

  private func told(_ outcome: HTTPOutcome) {
    isTelling = false
    if case .answered(400, _, let body) = outcome { return refused(body) }
    guard case .answered(200, _, _) = outcome else { return again(outcome) }
    pause = Self.shortest
    batch = min(Self.most, batch * 2)
    let done = sent
    sent = []
    journal.booked(done.compactMap { if case .call(let call) = $0 { call.id } else { nil } })
    for case .close(let reservation) in done {
      open.remove(reservation)
      journal.closed(reservation)
      afterClose.removeValue(forKey: reservation)?()
    }
    tidy()
    if !waiting.isEmpty { arm() }
  }

  /// One of them is at fault, and the others must not wait for it: alone, it is left in the journal and said.
  private func refused(_ body: [UInt8]) {
    if sent.count == 1, case .call(let call) = sent[0] {
      onTrouble?(
        "the supervisor does not book the call \(call.id) of \(call.worker), "
          + "\(call.costPicoUSD) pico-dollars: "
          + String(decoding: body.prefix(300), as: UTF8.self))
      sent = []
    } else if sent.count == 1 {
      sent = []
    }
    batch = 1
    putBack()
    if !waiting.isEmpty { arm() }
  }

  private func putBack() {
    waiting = (sent + waiting)[...]
    sent = []
  }

  private func again(_ outcome: HTTPOutcome) {
    putBack()
    switch outcome {
    case .answered(let status, _, let body):
      onTrouble?(
        "the supervisor does not take the cost of \(waiting.count) calls: it answered \(status) "
          + String(decoding: body.prefix(300), as: UTF8.self))
    case .failed(let reason):
      onTrouble?(
        "cannot tell the supervisor what \(waiting.count) calls have cost: \(reason) (trying again)"
      )
    }
    timer?.arm(at: Clock.now().instant + pause)
    pause = min(Span(nanoseconds: pause.nanoseconds * 2), Self.longest)
  }

  private func tidy() {
    guard journal.isLong else { return }
    var rest = JournalRest(asked: asked, open: open)
    rest.calls =
      (sent + waiting).compactMap { if case .call(let call) = $0 { call } else { nil } }
      + running.values
    journal.rewrite(rest)
  }
}
