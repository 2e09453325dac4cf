// `GET /v1/workers`: rows written into one buffer, a slice a turn, so that ten thousand of them hold up neither an exit nor
// another question. Must never make a row as a value first, nor go on when nobody waits for the answer.

import NovaHTTP
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// One listing under way.
final class Listing {
  // 250 rows take about 1 ms; of many a tenth a turn, since each turn costs something, too.
  private let slice: Int

  private let exchange: Exchange
  private var rest: ArraySlice<Request.Target>
  private let builder: RowBuilder
  private var bytes: [UInt8] = [UInt8(ascii: "[")]
  fileprivate var timer: NovaLinux.Timer?

  fileprivate init(_ exchange: Exchange, _ targets: [Request.Target], _ builder: RowBuilder) {
    self.exchange = exchange
    rest = targets[...]
    slice = 250
    self.builder = builder
    // Room for all at once: a buffer that grows is copied as often as it doubles.
    bytes.reserveCapacity(targets.count * RowFacts.typicalBytes + 2)
  }

  /// Writes some rows; true when it is over.
  fileprivate func step(_ supervisor: Supervisor) -> Bool {
    guard exchange.isOpen else { return true }
    // One copy a slice: asked for by its owner, each look would be one.
    let fleet = supervisor.fleet
    var left = slice
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
    grewLarge()
    let listing = Listing(exchange, targets, builder(at: Clock.now()))
    if listing.step(self) { return }
    // Its own turns from here on: the timer holds it, and it ends by letting go of the timer.
    listing.timer = try? loop.timer { [weak self] in
      guard let self, !listing.step(self) else { return listing.timer = nil }
      listing.timer?.arm(at: Clock.now().instant)
    }
    guard let timer = listing.timer else {
      throw APIError(.unavailable, "too many requests wait; try again")
    }
    timer.arm(at: Clock.now().instant)
  }
}
