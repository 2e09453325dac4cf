// Sources of revenue that do not answer: somebody has said so, or they have fallen silent for longer than ever before.
// Must never take silence for news: who earns from such a source is left alone, for a while.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Sees to it that nothing is evaluated and decided of those who earn from a source that does not answer.
  func freezeStale() {
    var workers: Set<WorkerName> = []
    for source in engine.stale.keys {
      if engine.earners[source] == nil {
        engine.earners[source] = (try? ledger.earners(from: source)) ?? []
      }
      workers.formUnion(engine.earners[source] ?? [])
    }
    var sources = Set(engine.stale.keys)
    for silence in engine.silent.values where silence.freezes(working: working(silence.earners)) {
      workers.formUnion(silence.earners)
      sources.insert(silence.source)
    }
    if !sources.isEmpty {
      for glance in fleet.glances
      where glance.economics.products.contains(where: {
        sources.contains(String($0.prefix { $0 != ":" }))
      }) {
        workers.insert(glance.name)
      }
    }
    engine.economy.freeze(workers, at: Clock.now().wall)
  }

  /// Who of them is wanted and not paused: a worker that rests is silent because it rests.
  private func working(_ names: [WorkerName]) -> [WorkerName] {
    names.filter { fleet.worker($0).map { $0.wanted && !$0.paused } ?? false }
  }

  /// Looks which sources have fallen silent, each tick. What began and what is over is said.
  func watchSources(at now: WallTime) {
    engine.sources.speed = Int64(configuration?.settings.decisionSpeed ?? 1)
    var found: [String: SourceSilence] = [:]
    for silence in engine.sources.silent(at: now)
    where engine.stale[silence.source] == nil && silence.matters(working: working(silence.earners))
    {
      found[silence.source] = silence
    }
    guard !found.isEmpty || !engine.silent.isEmpty else { return }
    for source in engine.silent.keys.sorted() where found[source] == nil {
      writes.append(.engine(.silence(source, since: nil)))
      say(source, "is no longer awaited", isSilent: false, at: now)
    }
    for (source, silence) in found.sorted(by: { $0.key < $1.key })
    where engine.silent[source] == nil {
      let judged =
        silence.freezes(working: working(silence.earners))
        ? "runs of those who earn from it wait to be judged"
        : "who earns from it is judged as before"
      writes.append(.engine(.silence(source, since: silence.since)))
      say(source, "\(silence.sentence): \(judged)", isSilent: true, at: now)
    }
    engine.silent = found
    // Who is frozen changes seldom: at the beginning, at the end, when it has lasted too long, when somebody rests.
    let frozen = found.values.filter { $0.freezes(working: working($0.earners)) }.map(\.source)
    guard Set(frozen) != engine.frozenSources else { return }
    engine.frozenSources = Set(frozen)
    freezeStale()
  }

  /// A source has spoken.
  func heard(_ entry: Entry) {
    engine.sources.take(entry.source, of: entry.worker, at: entry.booked)
    guard engine.silent.removeValue(forKey: entry.source) != nil else { return }
    engine.frozenSources.remove(entry.source)
    writes.append(.engine(.silence(entry.source, since: nil)))
    say(entry.source, "speaks again", isSilent: false, at: Clock.now().wall)
    freezeStale()
    tickSoon()
  }

  private func say(_ source: String, _ what: String, isSilent: Bool, at now: WallTime) {
    history.record(
      EventRecord(
        at: now, type: isSilent ? "source.silent" : "source.heard",
        severity: isSilent ? .warning : .notice, actor: "engine",
        message: CleanText.forTerminal(isSilent ? what : "\(source) \(what)"),
        details: ["source": CleanText.forTerminal(source)]))
  }

  /// `POST /v1/autonomy/sources`: a source does not answer, or does again.
  func setSource(_ exchange: Exchange, _ request: SourceRequest, by actor: Actor) throws(APIError) {
    let name = request.source
    guard (1...64).contains(name.utf8.count), CleanText.forTerminal(name) == name,
      !name.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: ":") })
    else {
      throw APIError(
        .badRequest, "source must be 1 to 64 bytes without blanks and colons", field: "source")
    }
    let now = Clock.now().wall
    let wasSilent = engine.silent[name] != nil
    guard request.stale == (engine.stale[name] == nil) || wasSilent else {
      // Said before: the answer is the same.
      return answer(exchange, autonomyStatus())
    }
    guard !request.stale || engine.stale.count < 64 else {
      throw APIError(.tooLarge, "64 sources are stale already", field: "source")
    }
    engine.frozenSources.remove(name)
    if wasSilent { writes.append(.engine(.silence(name, since: nil))) }
    engine.silent[name] = nil
    // Whoever says that it answers knows that there was nothing to hear.
    if !request.stale { engine.sources.excuse(name, at: now) }
    engine.stale[name] = request.stale ? now : nil
    if !request.stale { engine.earners[name] = nil }
    writes.append(.engine(.source(name, staleSince: request.stale ? now : nil)))
    history.record(
      EventRecord(
        at: now, type: request.stale ? "source.stale" : "source.fresh",
        severity: request.stale ? .warning : .notice, actor: actor.text,
        message: request.stale
          ? "\(name) does not answer: runs of those who earn from it wait to be judged"
          : "\(name) answers again",
        details: ["source": name]))
    freezeStale()
    tickSoon()
    whenDurable { [weak self] in
      guard let self else { return }
      answer(exchange, autonomyStatus())
    }
  }
}
