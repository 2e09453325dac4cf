// Paths that nobody knows how to meter, where the owner lets them pass: they go through as they are and are recorded with no cost.
// Must never be a way to a metered path, nor carry anything but the provider's own host.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

extension Gateway {
  /// Sends a request on and its answer back, piece by piece.
  func passOn(
    _ exchange: Exchange, _ worker: GatewayWorkerRow, _ provider: GatewayProvider, _ path: String
  ) {
    let now = Clock.now()
    if let wait = desk.takeRequest(provider, at: now.instant) {
      let refusal = ModelRefusal.rate(
        "the calls of \(provider.name) of this minute are used", seconds: wait.wholeSeconds + 1)
      return refuse(exchange, refusal, provider.kind)
    }
    guard let key = desk.key(of: provider, secrets, at: now.instant) else {
      let refusal = ModelRefusal.unavailable(
        "nova-edge has no key for \(provider.name): no secret \(provider.keySecret)", seconds: 30)
      return refuse(exchange, refusal, provider.kind)
    }
    var base = provider.url
    while base.hasSuffix("/") { base.removeLast() }
    let query = exchange.request.target.firstIndex(of: "?").map {
      String(exchange.request.target[$0...])
    }
    var order = HTTPOrder(
      url: base + (base.hasSuffix("/v1") ? String(path.dropFirst(3)) : path) + (query ?? ""))
    order.method = exchange.request.method
    order.headers = CallHeaders.request(exchange.request.headers, provider, key: key)
    if order.method != "GET", order.method != "DELETE" { order.body = exchange.request.body }
    order.timeout = .seconds(Int64(provider.timeoutSeconds))
    var record = GatewayCall(
      id: name(), worker: worker.worker, provider: provider.name, model: "-", at: now.wall.rfc3339,
      outcome: .completed)
    record.reason = "not metered: \(order.method) \(CleanText.forTerminal(path.utf8, limit: 200))"
    let call = client.start(order) { [weak self, weak exchange] outcome in
      switch outcome {
      case .answered(let status, let headers, let body):
        record.status = status
        exchange?.end()
        exchange?.respond(
          status, contentType: CallHeaders.value("content-type", headers) ?? "",
          body: CallHeaders.scrubbed(body, of: key),
          headers: CallHeaders.answer(headers, without: key))
      case .failed(let reason):
        record.outcome = .failed
        if exchange?.isStreaming == true { exchange?.abandon() }
        let refusal = ModelRefusal.broken("\(provider.name) did not answer: \(reason)")
        if let self, let exchange { self.refuse(exchange, refusal, provider.kind) }
      }
      record.durationMilliseconds = (Clock.now().instant - now.instant).wholeMilliseconds
      self?.book.ends(record)
    }
    guard let call else {
      return refuse(
        exchange, .unavailable("nova-edge has no memory for another call", seconds: 5),
        provider.kind)
    }
    call.onHead = { [weak exchange, weak call] status, headers in
      guard (200..<300).contains(status), let exchange else { return false }
      exchange.stream(
        status, contentType: CallHeaders.value("content-type", headers) ?? "",
        headers: CallHeaders.answer(headers, without: key))
      exchange.onRoom = { call?.goOn() }
      return true
    }
    call.onBytes = { [weak exchange, weak call] bytes in
      guard let exchange, exchange.send(bytes) else { return false }
      if exchange.isShort { call?.hold() }
      return true
    }
    exchange.onClose = { call.cancel() }
  }
}
