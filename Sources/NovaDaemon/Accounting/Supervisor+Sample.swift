// A look at every instance each sample interval, a slice a turn, and what follows from it where the kernel does not
// enforce a limit. Must never hold the loop for all instances at once.

import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  // 250 readings take about 5 ms; the API and exits get their turn in between.
  private static let slice = 250

  /// Begins a round, unless the last one is still going on.
  func beginSampling() {
    let now = Clock.now().instant
    if sampling == nil {
      sampling = (now, lives.values.filter { $0.pid != nil && !$0.settling }.map(\.id))
    }
    continueSampling()
    let interval = configuration?.settings.accounting.sampleInterval ?? .seconds(1)
    sampleTimer?.arm(at: now + interval)
  }

  /// Reads the next slice of the round.
  func continueSampling() {
    guard var round = sampling else { return }
    let count = min(Self.slice, round.rest.count)
    for id in round.rest.suffix(count) { sample(id) }
    round.rest.removeLast(count)
    if round.rest.isEmpty {
      sampling = nil
    } else {
      sampling = round
      sliceTimer?.arm(at: Clock.now().instant)
    }
  }

  private func sample(_ id: InstanceID) {
    guard let life = lives[id], life.exit == nil, !life.settling else {
      if let life = lives[id], life.exit != nil { lookForEmptiness(life) }
      return
    }
    guard life.reader != nil else { return }
    let reading = life.reader?.read(at: Clock.now().instant, with: &readBuffer)
    if let reading { life.take(reading) }
    enforceMemory(life)
  }

  /// `limits.memory` where no memory controller enforces it: from readings, so late by up to one interval.
  private func enforceMemory(_ life: Life) {
    guard let limit = life.spec.limits.memoryBytes, let reading = life.reading,
      reading.memoryEstimated, let held = reading.memoryBytes, held > limit, !life.saidMemory,
      let pid = life.pid, pid > 0
    else { return }
    life.saidMemory = true
    failures[life.id] = "over limits.memory: held \(held >> 20)M of \(SizeText.print(limit))"
    post(life.id, .memoryExceeded(life.incarnation))
  }

  /// What a life costs an hour, from its last minute or two.
  func hourlyRate(of life: Life) -> Money? {
    guard let reading = life.reading, let mark = life.olderMark ?? life.newerMark,
      reading.at > mark.at
    else {
      return pricing.hourlyRate(
        cpuUsec: life.cpuHundredths.map { $0 * 100 }, over: .seconds(1),
        memoryBytes: life.reading?.memoryBytes)
    }
    return pricing.hourlyRate(
      cpuUsec: life.totals.cpuUsec &- mark.totals.cpuUsec, over: reading.at - mark.at,
      memoryBytes: reading.memoryBytes)
  }

  /// What an instance has cost over all its lives, the present one up to its last reading.
  func cost(of id: InstanceID) -> Money? {
    guard let life = lives[id] else { return endedCosts[id].map { $0 + otherCost(of: id) } }
    // While it settles its record holds the final booking already.
    let running =
      life.settling
      ? life.record.cost : priced(life, at: Clock.now().instant).cost
    return (endedCosts[id] ?? .zero) + running + otherCost(of: id)
  }

  /// What it has cost beside the use of the host: reported, metered by others, shared.
  private func otherCost(of id: InstanceID) -> Money {
    guard let balance = books.balances[BalanceKey(worker: id.worker, instance: id.number)] else {
      return .zero
    }
    return balance.cost - balance.compute
  }

  /// What an instance has earned, and what its worker returns: two look-ups, whatever the history.
  func earned(_ id: InstanceID) -> RowBuilder.Earned {
    let balance = books.balances[BalanceKey(worker: id.worker, instance: id.number)]
    return RowBuilder.Earned(
      revenue: books.knowsRevenue(of: id.worker) ? balance?.netRevenue ?? .zero : nil,
      returns: books.returns(of: id.worker))
  }
}
