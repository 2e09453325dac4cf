// What is around the fleet when it is decided about: how much of the host is free, and which sources of revenue answer.
// Must never take silence for news: what cannot be read is nil, and who earns from a silent source is left alone.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  // MARK: the host

  /// Share of processors and memory that is free after what workers hold and have reserved, percent; the smaller of the
  /// two. Nil where the host does not say.
  var hostFreePercent: Int? {
    guard HostSize.memoryBytes > 0, let available = Self.availableBytes() else { return nil }
    var (processors, held, claimed) = (UInt64(0), UInt64(0), UInt64(0))
    var used: [WorkerName: (cpu: UInt64, memory: UInt64)] = [:]
    for life in lives.values where life.exit == nil {
      let (cpu, memory) = (life.cpuHundredths ?? 0, life.reading?.memoryBytes ?? 0)
      used[life.id.worker, default: (0, 0)].cpu += cpu
      used[life.id.worker, default: (0, 0)].memory += memory
    }
    for name in fleet.workerNames {
      guard let worker = fleet.worker(name), worker.wanted else { continue }
      let own = used[name] ?? (0, 0)
      let count = UInt64(max(0, worker.count))
      let economics = worker.spec.economics
      processors += max(own.cpu, UInt64(max(0, economics.reserveCPUPercent)) * 100 * count)
      held += own.memory
      claimed += max(own.memory, economics.reserveMemoryBytes * count)
    }
    // What others hold stays theirs; of the rest the fleet has claimed its part.
    let free = available + held > claimed ? available + held - claimed : 0
    let memory = Int(clamping: min(free, HostSize.memoryBytes) * 100 / HostSize.memoryBytes)
    let all = UInt64(HostSize.processors) * 10_000
    let processor = Int(clamping: (all - min(all, processors)) * 100 / all)
    return min(memory, processor)
  }

  /// `MemAvailable` of /proc/meminfo.
  private static func availableBytes() -> UInt64? {
    guard let text = KernelFile.text("/proc/meminfo") else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
      let words = line.split(separator: " ")
      return words.count > 1 ? UInt64(words[1]).map { $0 * 1024 } : nil
    }
    return nil
  }

  // MARK: sources of revenue

  /// Sees to it that nothing is evaluated and decided of those who earn from a source that does not answer.
  func freezeStale() {
    var workers: Set<WorkerName> = []
    for source in engine.stale.keys {
      if engine.earners[source] == nil {
        engine.earners[source] = (try? ledger.earners(from: source)) ?? []
      }
      workers.formUnion(engine.earners[source] ?? [])
      for name in fleet.workerNames {
        let products = fleet.worker(name)?.spec.economics.products ?? []
        if products.contains(where: { $0.hasPrefix(source + ":") }) { workers.insert(name) }
      }
    }
    engine.economy.freeze(workers, at: Clock.now().wall)
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
    guard request.stale == (engine.stale[name] == nil) else {
      // Said before: the answer is the same.
      return answer(exchange, autonomyStatus())
    }
    guard !request.stale || engine.stale.count < 64 else {
      throw APIError(.tooLarge, "64 sources are stale already", field: "source")
    }
    let now = Clock.now().wall
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
