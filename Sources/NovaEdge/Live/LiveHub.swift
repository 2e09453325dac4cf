// The page's live stream: one question a second to the supervisor while somebody looks, its differences to everybody.
// Must never ask while nobody looks, nor more often because many do.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

/// Feeds every open page. Belongs to the loop's thread.
final class LiveHub {
  private let client: HTTPClient
  private let socket: String
  private var pages: [Int: Exchange] = [:]
  private var lastPage = 0
  private var timer: NovaLinux.Timer?
  private var delta = RowDelta()
  /// The last whole listing, for whoever comes next.
  private var listing: [UInt8]?
  private var status: [UInt8]?
  private var shownStatus: [JSONValue.Member] = []
  private var isAsking = false
  private var isAway = false
  private var turn = 0
  /// Events that are told together, and when.
  private var told: [UInt8] = []
  private var telling: NovaLinux.Timer?

  init(client: HTTPClient, socket: String, loop: EventLoop) throws(SystemError) {
    self.client = client
    self.socket = socket
    timer = try loop.timer { [weak self] in self?.tick() }
    telling = try loop.timer { [weak self] in self?.tellAll() }
  }

  /// How many pages are open.
  var count: Int { pages.count }

  /// One more page; it gets everything first.
  func join(_ exchange: Exchange) {
    lastPage += 1
    let id = lastPage
    exchange.stream(contentType: "text/event-stream", headers: EdgeAnswer.fresh)
    exchange.onClose = { [weak self] in self?.leave(id) }
    pages[id] = exchange
    if let listing, pages.count > 1 {
      exchange.send(Self.frame("rows", listing), first: true)
      if let status { exchange.send(Self.frame("status", status)) }
      if isAway { exchange.send(Self.frame("away", Array("{}".utf8))) }
    } else {
      // What was known of an hour ago is of no use.
      listing = nil
      delta = RowDelta()
      shownStatus = []
      tick()
    }
  }

  private func leave(_ id: Int) {
    pages[id] = nil
    if pages.isEmpty { timer?.disarm() }
  }

  /// An event, for every page: within a tenth of a second, together with what else happens in it. A hundred crashes a second
  /// would otherwise be sixty thousand writes to two hundred pages, and the processor's time is missed by the restarts.
  func tell(_ event: EventRow) {
    guard !pages.isEmpty else { return }
    if told.isEmpty { telling?.arm(at: Clock.now().instant + .milliseconds(100)) }
    told += Self.frame("event", APICoding.encode(event))
  }

  private func tellAll() {
    send(told)
    told = []
  }

  private func send(_ bytes: [UInt8]) {
    for page in pages.values { page.send(bytes) }
  }

  private static func frame(_ name: String, _ data: [UInt8]) -> [UInt8] {
    Array("event: \(name)\ndata: ".utf8) + data + Array("\n\n".utf8)
  }

  private func tick() {
    guard !pages.isEmpty else { return }
    timer?.arm(at: Clock.now().instant + .seconds(1))
    // A supervisor that takes longer than a second for its answer is not asked a second time meanwhile.
    guard !isAsking else { return }
    isAsking = true
    turn += 1
    ask("/v1/workers") { [weak self] body in
      guard let self else { return }
      take(rows: body)
      ask("/v1/status") { [weak self] body in
        self?.take(status: body)
        self?.isAsking = false
      }
    }
  }

  private func ask(_ target: String, then next: @escaping ([UInt8]) -> Void) {
    var order = HTTPOrder.brain(socket, "GET", target, for: nil)
    order.timeout = .seconds(10)
    let call = client.start(order) { [weak self] outcome in
      guard case .answered(200, _, let body) = outcome else {
        self?.isAsking = false
        self?.away()
        return
      }
      next(body)
    }
    if call == nil { isAsking = false }
  }

  private func away() {
    if !isAway { send(Self.frame("away", Array("{}".utf8))) }
    isAway = true
  }

  private func take(rows body: [UInt8]) {
    let change = delta.take(body, at: Clock.now().wall.rfc3339)
    if case .unreadable = change { return }
    if listing == nil {
      let whole = Self.frame("rows", body)
      for page in pages.values { page.send(whole, first: true) }
    } else if case .some(let message) = change {
      send(Self.frame("delta", message))
    } else if isAway || turn.isMultiple(of: 5) {
      // Something every few seconds, so that a page can tell silence from an end.
      send(Self.frame("delta", Array("{\"changed\":[],\"gone\":[]}".utf8)))
    }
    isAway = false
    listing = body
  }

  private func take(status body: [UInt8]) {
    status = body
    guard case .object(let members)? = try? JSONParser.parse(body) else { return }
    let shown = members.filter { $0.key != "uptime_seconds" }
    guard shown != shownStatus else { return }
    shownStatus = shown
    send(Self.frame("status", body))
  }
}
