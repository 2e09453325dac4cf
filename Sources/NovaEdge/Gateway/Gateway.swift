// The metering gateway: every worker's endpoint for model calls. It knows who asks, asks the provider with the provider's key,
// reads from the answer what it cost, and refuses what the budget does not cover. Must never hold fleet state: money is the
// supervisor's, and what was not told it outlives a crash in the journal.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

/// The gateway. Belongs to the loop's thread.
final class Gateway {
  let loop: EventLoop
  let client: HTTPClient
  let secrets: Secrets
  let treasury: Treasury
  let book: CallBook
  var desk = ProviderDesk()
  var cache = AnswerCache()
  private(set) var plan = GatewayPlan()
  private(set) var prices: PriceTable?
  private(set) var pricesVersion: Int64?
  /// What no model of the table costs more than: for one that it does not name.
  private(set) var dearest = ModelPrice()
  /// Workers by the digest of their key, and by name.
  private(set) var byKey: [[UInt8]: GatewayWorkerRow] = [:]
  private(set) var byName: [String: GatewayWorkerRow] = [:]
  var rates: [String: (requests: CallRate?, tokens: CallRate?)] = [:]
  private var refusals: [String: CallRate] = [:]
  /// Records of refused calls of one worker.
  static let refusalsAMinute = 600
  private(set) var running: [String: ModelCall] = [:]
  var runningOf: [String: Int] = [:]
  let egress: Egress
  let listeners: WorkerListeners
  var isFollowing = false
  /// The server of workers in networks of their own, and whom it serves.
  var inner: HTTPServer?
  let innerPath: String
  var served: [ListenerPlace: (incarnation: Int64, listening: HTTPListening)] = [:]
  private let socket: String
  private var server: HTTPServer?
  private var retryListening: NovaLinux.Timer?
  private var retryPrices: NovaLinux.Timer?
  private let epoch = Crypto.hex(Crypto.random(6) ?? [])
  private var number = 0
  /// A sentence for the log.
  var onTrouble: ((String) -> Void)? {
    didSet {
      book.onTrouble = onTrouble
      egress.onTrouble = onTrouble
    }
  }

  init(client: HTTPClient, socket: String, secrets: Secrets, state: String, loop: EventLoop)
    throws(SystemError)
  {
    self.loop = loop
    self.client = client
    self.socket = socket
    self.secrets = secrets
    book = try CallBook(
      client: client, socket: socket, journal: state + "/gateway.journal", loop: loop)
    treasury = try Treasury(client: client, socket: socket, book: book, loop: loop)
    egress = try Egress(loop: loop)
    listeners = try WorkerListeners(loop: loop, path: WorkerListeners.path(besides: socket))
    innerPath = state + "/gateway.sock"
    retryListening = try loop.timer { [weak self] in self?.listen() }
    retryPrices = try loop.timer { [weak self] in self?.askPrices() }
  }

  /// 32 MiB: what Anthropic takes; of all workers' together 256 MiB are held. A stream keeps little: there are many.
  static var limits: HTTPLimits {
    var limits = HTTPLimits()
    limits.connections = 4096
    limits.connectionsPerUser = 2048
    limits.body = 32 << 20
    limits.heldBodies = 256 << 20
    limits.streamBuffer = 128 << 10
    limits.streamBlock = 4096
    limits.headers = 16_384
    limits.requestTimeout = .seconds(120)
    return limits
  }

  /// The configuration, new or as it was.
  func configure(_ new: GatewayPlan?) {
    let old = plan
    plan = new ?? GatewayPlan()
    byName = Dictionary(plan.workers.map { ($0.worker, $0) }) { first, _ in first }
    byKey = Dictionary(
      plan.workers.compactMap { row in Crypto.bytes(hex: row.keyDigest).map { ($0, row) } }
    ) { first, _ in first }
    egress.configure(plan.workers)
    if plan.prices != pricesVersion { askPrices() }
    if new != nil { followListeners() }
    if plan.settings.listen != old.settings.listen || (server == nil && plan.settings.listen != nil)
    {
      listen()
    }
  }

  /// Ends; what is under way is lost, and counted by the journal.
  func close() {
    server?.close()
    inner?.close()
    egress.close()
    listeners.close()
  }

  private func listen() {
    server?.close()
    server = nil
    guard let text = plan.settings.listen else { return }
    guard let address = ListenAddress(text) else {
      onTrouble?("cannot listen on \(text) for the gateway: it is no HOST:PORT")
      return
    }
    do {
      server = try HTTPServer(loop: loop, address: address, limits: Self.limits) {
        [weak self] exchange in self?.route(exchange)
      }
      onTrouble?("the gateway listens on http://\(text)")
    } catch {
      onTrouble?("\(error.message) (the gateway tries again)")
      retryListening?.arm(at: Clock.now().instant + .seconds(2))
    }
  }

  private func askPrices() {
    guard plan.prices != nil else {
      prices = nil
      pricesVersion = nil
      return
    }
    let call = client.start(HTTPOrder.gateway(socket, "GET", "/v1/gateway/prices")) { [weak self] in
      self?.priced($0)
    }
    if call == nil { priced(.failed("no memory")) }
  }

  private func priced(_ outcome: HTTPOutcome) {
    guard case .answered(200, _, let body) = outcome,
      let answer = try? APICoding.decodeAnswer(GatewayPrices.self, from: body),
      let version = answer.version, let table = try? PriceTable(Array(answer.table.utf8))
    else {
      onTrouble?("cannot get the prices of models from the supervisor (trying again)")
      retryPrices?.arm(at: Clock.now().instant + .seconds(2))
      return
    }
    prices = table
    dearest = table.dearest
    pricesVersion = version
  }

  // MARK: calls under way

  /// A name for a call that nobody else has.
  func name() -> String {
    number += 1
    return "req_nova_\(epoch)_\(number)"
  }

  func began(_ call: ModelCall) {
    running[call.id] = call
    runningOf[call.worker.worker, default: 0] += 1
  }

  /// A call is over, and what it cost.
  func over(_ call: ModelCall, _ record: GatewayCall, tokens: Int64) {
    let now = Clock.now().instant
    if running.removeValue(forKey: call.id) != nil {
      let left = runningOf[call.worker.worker, default: 1] - 1
      runningOf[call.worker.worker] = left > 0 ? left : nil
    }
    desk.used(call.provider.name, tokens: tokens, at: now)
    rates[call.worker.worker]?.tokens?.take(tokens, at: now)
    if record.outcome == .refused {
      // Who asks in a loop for what he cannot have is told each time and recorded now and then.
      var rate = refusals[record.worker] ?? CallRate(perMinute: Self.refusalsAMinute, at: now)
      defer { refusals[record.worker] = rate }
      guard rate.wait(at: now) == nil else { return }
      rate.take(1, at: now)
    }
    book.ends(record)
  }

  /// Keeps an answer where the worker asks for that.
  func keep(_ call: ModelCall, contentType: String, headers: [(String, String)], body: [UInt8]) {
    guard call.worker.gateway.cacheSeconds > 0, !call.question.isStreamed,
      let key = AnswerCache.key(
        call.worker.worker, call.provider.name, call.question.endpoint.rawValue,
        call.exchange.request.body)
    else { return }
    let cost = ModelAnswer(body)?.usage.flatMap { call.price.cost(of: $0) }?.picoUSD ?? 0
    cache.keep(
      AnswerCache.Answer(
        contentType: contentType, headers: headers, body: body,
        until: Clock.now().instant + .seconds(Int64(call.worker.gateway.cacheSeconds)), cost: cost),
      for: key)
  }

  /// Who is asked instead of a provider that cannot be reached.
  func fallback(of provider: GatewayProvider, for worker: GatewayWorkerRow) -> GatewayProvider? {
    guard let name = provider.fallback,
      let other = plan.settings.providers.first(where: { $0.name == name }),
      other.kind == provider.kind, desk.wait(name, at: Clock.now().instant) == nil
    else { return nil }
    return other
  }
}
