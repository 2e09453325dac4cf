// `ETag` and `If-Match`: of two who change the same thing, the second learns that it is not as he has seen it. A tag is
// of what can be set, not of readings, which change each second. The check and the change are one turn of the loop.
// Must never let a condition pass at a page that cannot check it.

import NovaEconomics
import NovaHTTP
import NovaLifecycle
import NovaModel
import NovaWire

extension Supervisor {
  /// The tag of what can be set of a worker: its configuration, whether it and its instances are wanted and paused, how
  /// many there should be, and its limits.
  func tag(of name: WorkerName) -> String? {
    guard let worker = fleet.worker(name) else { return nil }
    var parts = ["worker", name.text, "\(Fingerprint.of(worker.spec).value)"]
    parts += ["\(worker.wanted)", "\(worker.paused)", worker.pauseReason ?? "-"]
    parts += ["\(worker.count)", "\(worker.fileCount)", "\(worker.pinned)"]
    for view in fleet.instances(of: name) {
      parts.append("\(view.id.number) \(view.wanted) \(view.paused)")
    }
    for daily in [true, false] {
      parts.append(limit(BudgetRule(.worker, name.text, daily: daily)))
    }
    return Self.tag(parts)
  }

  /// The tag of all limits.
  var budgetsTag: String {
    var rules = Set(desk.keeper.book.limits.keys).union(desk.overrides.keys)
    rules.insert(Self.fleetRule)
    return Self.tag(["budgets"] + rules.sorted().flatMap { ["\($0)", limit($0)] })
  }

  /// The tag of what was ordered about autonomy, and of the sources that do not answer.
  var autonomyTag: String {
    let ordered = engine.ordered.map { "\($0)" } ?? "-"
    let configured = configuration?.settings.autonomous ?? false
    return Self.tag(["autonomy", "\(configured)", ordered] + engine.stale.keys.sorted())
  }

  private func limit(_ rule: BudgetRule) -> String {
    let amount = desk.keeper.book.limits[rule]?.decimal ?? "-"
    let hand = desk.overrides[rule].map { "\($0.limit?.decimal ?? "none") \($0.actor)" } ?? "-"
    return "\(amount) \(hand)"
  }

  private static func tag(_ parts: [String]) -> String {
    var hash = FNV1a<UInt64>("")
    for part in parts {
      hash.add("\(part.utf8.count):")
      hash.add(part)
    }
    return "\"\(hash.hexadecimal)\""
  }

  /// The pages below `/v1` that take `If-Match`.
  private static let conditional: Set<[String]> = [
    ["actions"], ["budgets"], ["autonomy"], ["autonomy", "sources"],
  ]

  /// Refuses a condition on a page that has nothing to compare it with.
  func needConditional(_ exchange: Exchange, _ path: [String]) throws(APIError) {
    guard exchange.request.header("If-Match") != nil,
      path.first != "v1" || !Self.conditional.contains(Array(path.dropFirst()))
    else { return }
    throw APIError(
      .preconditionFailed,
      "nothing at \(CleanText.forTerminal(exchange.request.path)) has an ETag", field: "If-Match")
  }

  /// Throws 412 when the request says what it has seen, and that is not what is there.
  func needMatch(_ exchange: Exchange, _ tag: () throws(APIError) -> String) throws(APIError) {
    guard let header = exchange.request.header("If-Match") else { return }
    guard let wanted = EntityTags(header) else {
      throw APIError(
        .badRequest, "If-Match is `*` or tags in quotes, as ETag gives them", field: "If-Match")
    }
    // What was ordered before in this turn is done first: of all who ask in one turn, each would win.
    settle()
    guard !wanted.match(try tag()) else { return }
    throw APIError(
      .preconditionFailed, "it was changed meanwhile (read it again, and its ETag with it)",
      field: "If-Match")
  }

  /// The same for an order, which must be about one worker then.
  func needMatch(_ exchange: Exchange, _ request: ActionRequest) throws(APIError) {
    try needMatch(exchange) { () throws(APIError) in
      var names = Set(request.counts?.values.keys.compactMap { WorkerName($0) } ?? [])
      if !request.targets.isEmpty {
        for target in try resolve(request.targets) {
          switch target {
          case .worker(let name): names.insert(name)
          case .instance(let id): names.insert(id.worker)
          }
        }
      }
      guard names.count == 1, let name = names.first, let tag = tag(of: name) else {
        throw APIError(.badRequest, "If-Match is about one worker", field: "targets")
      }
      return tag
    }
  }
}
