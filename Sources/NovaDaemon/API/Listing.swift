// `GET /v1/workers`: rows written into one buffer. Must never make a row as a value first.

import NovaHTTP
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// One listing under way.
final class Listing: SlicedAnswer {
  // A row takes some 8 µs.
  private static let slice = 50

  let exchange: Exchange
  private var rest: ArraySlice<Request.Target>
  private let builder: RowBuilder
  private var bytes: [UInt8] = [UInt8(ascii: "[")]

  fileprivate init(_ exchange: Exchange, _ targets: [Request.Target], _ builder: RowBuilder) {
    self.exchange = exchange
    rest = targets[...]
    self.builder = builder
    // Room for all at once: a buffer that grows is copied as often as it doubles.
    bytes.reserveCapacity(targets.count * RowFacts.typicalBytes + 2)
  }

  func step(_ supervisor: Supervisor) -> Bool {
    // One copy a slice: asked for by its owner, each look would be one.
    let fleet = supervisor.fleet
    var left = Self.slice
    while left > 0, let target = rest.popFirst() {
      fleet.forEachInstance(of: target) { view, spec in
        left -= 1
        let facts = builder.facts(view, spec: spec, life: supervisor.lives[view.id]) {
          supervisor.failures[view.id]
        }
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        facts.append(to: &bytes)
      }
    }
    guard rest.isEmpty else { return false }
    bytes.append(UInt8(ascii: "]"))
    exchange.respond(200, body: bytes)
    return true
  }
}

extension Supervisor {
  /// Answers with a row for each instance of the targets; none is everybody.
  func list(_ exchange: Exchange, _ query: TargetsQuery) throws(APIError) {
    let isEverybody = query.targets.isEmpty || query.targets == ["*"]
    let targets: [Request.Target] =
      isEverybody
      ? fleet.workerNames.map { .worker($0) }
      : try instances(matching: query.targets).map { .instance($0) }
    try answer(in: Listing(exchange, targets, builder(at: Clock.now())))
  }
}
