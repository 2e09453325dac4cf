// From a request to a call: who asks, of whom, and whether he may. Must never ask a provider for somebody unknown, and never say
// more to him than that.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

extension Gateway {
  /// Answers one request, now or later.
  func route(_ exchange: Exchange) {
    let request = exchange.request
    let path = GatewayPath(request.path)
    let kind = path.endpoint?.kind ?? path.guess
    guard let worker = caller(exchange) else {
      return refuse(exchange, .unknown, kind)
    }
    let providers = worker.gateway.providers.compactMap { name in
      plan.settings.providers.first { $0.name == name }
    }
    guard let endpoint = path.endpoint else {
      // Which provider is meant, where several are there, only the header of Anthropic's clients tells.
      let other: GatewayProvider.Kind =
        request.header("anthropic-version") == nil ? .openai : .anthropic
      if plan.settings.otherPaths == .pass, path.isPlain,
        let provider = providers.first(where: {
          path.provider.map { [name = $0.name] in $0 == name } ?? ($0.kind == other)
        })
      {
        return passOn(exchange, worker, provider, path.rest)
      }
      return refuse(
        exchange,
        .denied(
          "the gateway does not know how to meter \(CleanText.forTerminal(request.path))"), kind)
    }
    let chosen = providers.first {
      $0.kind == endpoint.kind && (path.provider == nil || $0.name == path.provider)
    }
    guard let provider = chosen else {
      return refuse(
        exchange, .denied("\(worker.worker) may not call a provider for \(endpoint.rawValue)"), kind
      )
    }
    guard request.method == "POST" else {
      return refuse(exchange, .invalid("\(endpoint.rawValue) is asked by POST"), kind)
    }
    guard CallHeaders.value("content-encoding", request.headers).map({ $0 == "identity" }) ?? true
    else {
      return refuse(exchange, .invalid("the body must not be compressed"), kind)
    }
    let question: ModelQuestion
    do throws(ModelQuestion.Failure) {
      question = try ModelQuestion(endpoint, request.body)
    } catch {
      return refuse(exchange, .invalid(error.message), kind)
    }
    call(exchange, worker, provider, question)
  }

  private func call(
    _ exchange: Exchange, _ worker: GatewayWorkerRow, _ wanted: GatewayProvider,
    _ question: ModelQuestion
  ) {
    let now = Clock.now().instant
    guard let price = price(question) else {
      let call = ModelCall(self, exchange, worker, wanted, question, ModelPrice(), id: name())
      guard prices != nil else {
        return call.refuse(
          .unavailable("there are no prices yet (novasup prices update FILE)", seconds: 30))
      }
      return call.refuse(
        .invalid("the model \(question.model) has no price"), reason: ModelCall.unknownModel)
    }
    var provider = wanted
    if let wait = desk.wait(wanted.name, at: now) {
      guard let other = fallback(of: wanted, for: worker) else {
        let call = ModelCall(self, exchange, worker, wanted, question, price, id: name())
        return call.refuse(
          .rate("\(wanted.name) is left alone for a while", seconds: wait.wholeSeconds + 1))
      }
      provider = other
    }
    let call = ModelCall(self, exchange, worker, provider, question, price, id: name())
    if let refusal = limit(worker, provider, question, at: now) { return call.refuse(refusal) }
    if let refusal = book.refusal { return call.refuse(.unavailable(refusal, seconds: 5)) }
    if worker.gateway.cacheSeconds > 0, !question.isStreamed,
      let key = AnswerCache.key(
        worker.worker, provider.name, question.endpoint.rawValue, exchange.request.body),
      let answer = cache.find(key, at: now)
    {
      return call.repeats(answer)
    }
    if prices?.models[question.model] == nil { call.note(ModelCall.unknownModel) }
    began(call)
    call.begin()
  }

  /// The worker behind a request: by the socket that it came on, else by its key.
  private func caller(_ exchange: Exchange) -> GatewayWorkerRow? {
    let request = exchange.request
    // The kernel's word: whatever key it brings.
    if case .worker(let name) = request.peer { return byName[name] }
    var key = request.header("x-api-key") ?? ""
    if key.isEmpty, let bearer = request.header("authorization"),
      bearer.lowercased().hasPrefix("bearer ")
    {
      key = String(bearer.dropFirst(7))
    }
    guard !key.isEmpty, let digest = Crypto.digest(Array(key.utf8)), let row = byKey[digest],
      let known = Crypto.bytes(hex: row.keyDigest), Crypto.equal(digest, known)
    else { return nil }
    return row
  }

  private func limit(
    _ worker: GatewayWorkerRow, _ provider: GatewayProvider, _ question: ModelQuestion,
    at now: Instant
  ) -> ModelRefusal? {
    let models = worker.gateway.models
    guard models.isEmpty || models.contains(where: { Glob.matches($0, question.model) }) else {
      return .denied("\(worker.worker) may not call \(CleanText.forTerminal(question.model))")
    }
    if let most = worker.gateway.concurrent, runningOf[worker.worker, default: 0] >= most {
      return .rate("\(worker.worker) has \(most) calls under way, which is its limit", seconds: 1)
    }
    var state = rates[worker.worker] ?? (nil, nil)
    if let limit = worker.gateway.requestsPerMinute, state.requests?.perMinute != Int64(limit) {
      state.requests = CallRate(perMinute: limit, at: now)
    }
    if let limit = worker.gateway.tokensPerMinute, state.tokens?.perMinute != Int64(limit) {
      state.tokens = CallRate(perMinute: limit, at: now)
    }
    if worker.gateway.requestsPerMinute == nil { state.requests = nil }
    if worker.gateway.tokensPerMinute == nil { state.tokens = nil }
    let waits = [state.requests?.wait(at: now), state.tokens?.wait(at: now)].compactMap {
      $0 ?? nil
    }
    rates[worker.worker] = state
    if let wait = waits.max() {
      return .rate(
        "\(worker.worker) has used its calls or tokens of this minute",
        seconds: wait.wholeSeconds + 1)
    }
    if let wait = desk.takeRequest(provider, at: now) {
      return .rate(
        "the calls or tokens of \(provider.name) of this minute are used",
        seconds: wait.wholeSeconds + 1)
    }
    rates[worker.worker]?.requests?.take(1, at: now)
    return nil
  }

  private func price(_ question: ModelQuestion) -> ModelPrice? {
    guard let prices else { return nil }
    if let price = prices.models[question.model] { return price }
    return plan.settings.unknownModel == .dearest ? dearest : nil
  }

  func refuse(_ exchange: Exchange, _ refusal: ModelRefusal, _ kind: GatewayProvider.Kind) {
    exchange.respond(
      refusal.status, body: refusal.body(kind, id: name()), headers: refusal.headers)
  }
}

/// What a path asks for: `/v1/messages`, or `/p/PROVIDER/v1/messages` of one provider.
struct GatewayPath: Sendable, Hashable {
  var provider: String?
  var endpoint: ModelEndpoint?
  /// The path at the provider.
  var rest: String
  /// In whose words a "no" is said where the path does not tell.
  var guess: GatewayProvider.Kind

  init(_ path: String) {
    var rest = path[...]
    if rest.hasPrefix("/p/") {
      rest = rest.dropFirst(3)
      let name = rest.prefix { $0 != "/" }
      provider = String(name)
      rest = rest.dropFirst(name.count)
    }
    self.rest = String(rest)
    endpoint = ModelEndpoint(rawValue: self.rest)
    guess = rest.hasPrefix("/v1/messages") ? .anthropic : .openai
  }

  /// It means what it says: below /v1/, without a way around, and no spelling of a metered path.
  var isPlain: Bool {
    rest.hasPrefix("/v1/")
      && rest.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: ":"):
          true
        default: false
        }
      } && !rest.contains("..") && !rest.contains("//") && !rest.contains("/.")
      && !ModelEndpoint.allCases.contains {
        let path = rest.hasSuffix("/") ? String(rest.dropLast()) : rest
        return path.lowercased() == $0.rawValue
      }
  }
}
