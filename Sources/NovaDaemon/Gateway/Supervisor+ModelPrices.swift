// Model prices: versions of a table, each kept for good. Must never make a table the one in force by which nothing can be
// priced, and never change one that was.

import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// `POST /v1/gateway/prices`.
  func setModelPrices(_ exchange: Exchange, by actor: Actor) throws(APIError) {
    let request = try APICoding.decode(
      GatewayPrices.self, from: exchange.request.body, limit: GatewayPrices.maximumRequestBytes)
    let bytes = Array(request.table.utf8)
    // The whole of the public table (3,500 models, 1 MB) holds the loop for 61 ms, once in some weeks.
    let table: PriceTable
    do {
      table = try PriceTable(bytes)
    } catch {
      throw APIError(
        .badRequest,
        "table cannot be used: \(CleanText.forTerminal(error.message.utf8, limit: 200))",
        field: "table")
    }
    if draining { throw APIError(.unavailable, "the supervisor is stopping") }
    guard ledgerTrouble == nil else {
      throw APIError(.unavailable, "the ledger cannot be written at present; try again")
    }
    let digest = Digest.sha256(bytes)
    let refused = table.refused.sorted().prefix(100).map {
      CleanText.forTerminal($0.utf8, limit: 200)
    }
    func respond(_ version: ModelPricesVersion) {
      let body = APICoding.encode(
        GatewayPricesResponse(
          version: version.number, since: version.since.rfc3339, models: table.models.count,
          refused: Array(refused)))
      afterCommit.append { exchange.respond(200, body: body) }
    }
    if let current = gateway.prices, current.digest == digest { return respond(current) }
    let now = Clock.now().wall
    let version = ModelPricesVersion(
      number: (gateway.prices?.number ?? 0) + 1, since: now, digest: digest, actor: actor.text)
    gateway.prices = version
    writes.append(.gateway(.prices(version, table: request.table)))
    history.record(
      EventRecord(
        at: now, type: "prices.updated", severity: .notice, actor: actor.text,
        message: "model prices \(version.number) are in force: \(table.models.count) models",
        details: [
          "version": String(version.number), "models": String(table.models.count),
          "refused": String(table.refused.count), "sha256": Digest.hex(digest),
        ]))
    respond(version)
  }

  /// `GET /v1/gateway/prices`.
  func modelPrices(_ exchange: Exchange) throws(APIError) {
    guard let version = gateway.prices else {
      throw APIError(
        .notFound, "there are no model prices yet (give some: novasup prices update FILE)")
    }
    ask(.modelPrices(version.number), exchange) { [weak self] answer in
      guard let self, case .modelPrices(let found) = answer else { return }
      guard let table = found else {
        return refuse(
          exchange, APIError(.unavailable, "the prices are on their way to the disk; try again"))
      }
      self.answer(
        exchange,
        GatewayPrices(version: version.number, since: version.since.rfc3339, table: table))
    }
  }
}
