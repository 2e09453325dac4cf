// One call of a model, from the question to the last byte of the answer and what it has cost. Must never forward what is not
// covered, nor end without having been booked.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

/// A call under way. Belongs to the loop's thread; the gateway holds it until it is over.
final class ModelCall {
  let id: String
  let exchange: Exchange
  let worker: GatewayWorkerRow
  let run: String?
  let question: ModelQuestion
  let price: ModelPrice
  let started: Instant
  unowned let gateway: Gateway
  var provider: GatewayProvider
  var record: GatewayCall
  var key = ""
  var held: (reservation: Int64, amount: Price)?
  var transfer: HTTPCall?
  var stream = AnswerStream()
  var filter: UsageFilter?
  var status = 0
  var isOver = false
  /// The worker went away; what the provider still says is read for its use.
  var isDeserted = false
  var attempts = 0
  var patience: NovaLinux.Timer?

  /// A provider that did not even accept a connection is tried so often, itself or its fallback.
  private static let mostAttempts = 3
  /// How long the end of an answer is waited for that nobody reads any more.
  static let desertion = Span.seconds(30)

  init(
    _ gateway: Gateway, _ exchange: Exchange, _ worker: GatewayWorkerRow,
    _ provider: GatewayProvider, _ question: ModelQuestion, _ price: ModelPrice, id: String
  ) {
    self.gateway = gateway
    self.exchange = exchange
    self.worker = worker
    self.provider = provider
    self.question = question
    self.price = price
    self.id = id
    let now = Clock.now()
    started = now.instant
    run = exchange.request.header("x-nova-run").flatMap {
      $0.utf8.count <= 128 && ModelAnswer.isName($0) ? $0 : nil
    }
    record = GatewayCall(
      id: id, worker: worker.worker, provider: provider.name, model: question.model,
      at: now.wall.rfc3339, outcome: .refused)
    record.runID = run
    record.streamed = question.isStreamed
    record.prices = gateway.pricesVersion
  }

  var purse: PurseKey { PurseKey(worker: worker.worker, provider: provider.name, run: run) }

  // MARK: money

  /// Asks for the money, then for the answer.
  func begin() {
    exchange.onClose = { [weak self] in self?.deserted() }
    guard !question.endpoint.isFree else { return send(output: nil) }
    let bound = question.bound(price)
    guard let most = price.bound(of: bound), let input = price.inputBound(of: bound) else {
      return refuse(.invalid("a call of \(question.model) cannot be bounded: a price is missing"))
    }
    // Sixty-four tokens are the shortest answer that is of use to anybody.
    let shortest = question.bound(price, output: min(64, question.output ?? 64))
    let least = price.bound(of: shortest) ?? input
    gateway.treasury.fund(
      purse,
      FundingWish(
        bound: most, least: least, until: started + Treasury.patience,
        isWanted: { [weak self] in self.map { !$0.isOver && $0.exchange.isOpen } ?? false },
        then: { [weak self] in self?.funded($0, most: most, input: input) }))
  }

  private func funded(_ funding: Funding, most: Price, input: Price) {
    switch funding {
    case .refused(let refusal): refuse(refusal)
    case .held(let reservation, let amount):
      held = (reservation, amount)
      guard amount.picoUSD < most.picoUSD else { return send(output: nil) }
      // Only a shorter answer fits: as long as the rest pays for.
      let each = price.outputPrice(of: question.bound(price))?.picoUSD ?? 1
      let output = (amount.picoUSD - input.picoUSD) / max(1, each) / question.answers
      send(output: max(1, output))
    }
  }

  /// Answers what was answered before; it costs nothing.
  func repeats(_ answer: AnswerCache.Answer) {
    status = 200
    record.savedPicoUSD = String(answer.cost)
    exchange.respond(
      200, contentType: answer.contentType, body: answer.body,
      headers: answer.headers + [("x-nova-cache", "hit")])
    finish(.cached, cost: Price(picoUSD: 0), estimated: false)
  }

  // MARK: the question

  private func send(output: Int64?) {
    let now = Clock.now().instant
    guard let key = gateway.desk.key(of: provider, gateway.secrets, at: now) else {
      return refuse(
        .unavailable(
          "nova-edge has no key for \(provider.name): no secret \(provider.keySecret)", seconds: 30)
      )
    }
    self.key = key
    if let held {
      record.reservation = held.reservation
      // If nothing more is heard of it, it has cost the most that it can have.
      var unheard = record
      unheard.outcome = .interrupted
      unheard.estimated = true
      unheard.costPicoUSD = String(held.amount.picoUSD)
      unheard.reason = "the gateway ended while it was under way"
      gateway.book.begins(unheard)
    }
    attempts += 1
    var order = HTTPOrder(url: Self.url(provider, question.endpoint, exchange.request))
    order.method = "POST"
    order.headers = CallHeaders.request(exchange.request.headers, provider, key: key)
    order.body = question.body(output: output)
    order.timeout = .seconds(Int64(provider.timeoutSeconds))
    order.block = 4096
    if question.asksForUsage { filter = UsageFilter() }
    let call = gateway.client.start(order) { [weak self] in self?.ended($0, output: output) }
    guard let call else {
      return refuse(.unavailable("nova-edge has no memory for another call", seconds: 5))
    }
    transfer = call
    call.onHead = { [weak self] in self?.head($0, $1) ?? false }
    call.onBytes = { [weak self] in self?.piece($0) ?? false }
  }

  /// The provider's address with the path and the query that was asked for.
  static func url(_ provider: GatewayProvider, _ endpoint: ModelEndpoint, _ request: HTTPRequest)
    -> String
  {
    var base = provider.url
    while base.hasSuffix("/") { base.removeLast() }
    var path = endpoint.rawValue
    if base.hasSuffix("/v1") { path = String(path.dropFirst(3)) }
    let query = request.target.firstIndex(of: "?").map { String(request.target[$0...]) } ?? ""
    return base + path + query
  }

  // MARK: the answer

  /// The headers are there: whether the body comes piece by piece.
  private func head(_ status: Int, _ headers: [(name: String, value: String)]) -> Bool {
    self.status = status
    let kind = CallHeaders.value("content-type", headers) ?? ""
    guard status == 200, question.isStreamed, kind.lowercased().hasPrefix("text/event-stream"),
      CallHeaders.value("content-encoding", headers).map({ $0 == "identity" }) ?? true
    else { return false }
    gateway.desk.answered(provider.name)
    exchange.stream(
      status, contentType: kind, headers: CallHeaders.answer(headers, without: key))
    exchange.onRoom = { [weak self] in self?.transfer?.goOn() }
    return true
  }

  /// A piece of a stream goes on at once; a worker that does not read makes the provider wait.
  private func piece(_ bytes: [UInt8]) -> Bool {
    stream.take(bytes)
    if let held, let cost = cost(stream.answer.usage), cost.picoUSD > held.amount.picoUSD {
      record.reason = "the answer outgrew what was reserved for it"
      finish(.cut, cost: cost, estimated: false)
      exchange.abandon()
      return false
    }
    guard !isDeserted else { return true }
    let out = filter?.take(bytes) ?? bytes
    if !out.isEmpty { exchange.send(out) }
    if exchange.isShort { transfer?.hold() }
    return true
  }

  private func ended(_ outcome: HTTPOutcome, output: Int64?) {
    guard !isOver else { return }
    let now = Clock.now().instant
    switch outcome {
    case .failed(let reason):
      gateway.desk.failed(provider.name, at: now)
      if let transfer, !transfer.mayHaveActed { return elsewhere(reason, output: output) }
      broken(reason)
    case .answered where exchange.isStreaming || isDeserted && question.isStreamed && status == 200:
      if let rest = filter?.end(), !rest.isEmpty, !isDeserted { exchange.send(rest) }
      exchange.end()
      settle(stream.answer, isWhole: stream.isComplete)
    case .answered(let status, let headers, let body): whole(status, headers, body, now)
    }
  }

  private func whole(
    _ status: Int, _ headers: [(name: String, value: String)], _ body: [UInt8], _ now: Instant
  ) {
    self.status = status
    let isGood = (200..<300).contains(status)
    if status == 429 || status == 529 || status == 503, let rest = CallHeaders.rest(headers) {
      gateway.desk.rests(provider.name, for: rest, at: now)
    } else if status >= 500 {
      gateway.desk.failed(provider.name, at: now)
    } else {
      gateway.desk.answered(provider.name)
    }
    let kind = CallHeaders.value("content-type", headers) ?? "application/json"
    let kept = CallHeaders.answer(headers, without: key)
    let answer = isGood ? body : CallHeaders.scrubbed(body, of: key)
    exchange.respond(status, contentType: kind, body: answer, headers: kept)
    guard isGood else {
      record.reason = "\(provider.name) answered \(status)"
      return finish(.failed, cost: Price(picoUSD: 0), estimated: false)
    }
    if status == 200 { gateway.keep(self, contentType: kind, headers: kept, body: body) }
    settle(ModelAnswer(body) ?? ModelAnswer(), isWhole: true)
  }

  /// Nothing was reached, so nothing was paid: again, or at the fallback.
  private func elsewhere(_ reason: String, output: Int64?) {
    guard attempts < Self.mostAttempts, exchange.isOpen else {
      return broken(reason, reached: false)
    }
    if let other = gateway.fallback(of: provider, for: worker) {
      giveBack(Price(picoUSD: 0))
      provider = other
      record.provider = other.name
      return begin()
    }
    send(output: output)
  }

  private func broken(_ reason: String, reached: Bool = true) {
    record.reason = "\(provider.name): \(reason)"
    if exchange.isStreaming {
      // Without its last chunk the client sees that it broke off.
      exchange.abandon()
    } else {
      answer(.broken("\(provider.name) did not answer: \(reason)"))
    }
    if reached {
      settle(stream.answer, isWhole: false)
    } else {
      finish(.failed, cost: Price(picoUSD: 0), estimated: false)
    }
  }
}
