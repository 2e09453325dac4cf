// A look at every instance each sample interval, a slice a turn, and what follows from it where the kernel does not
// enforce a limit. Must never hold the loop for all instances at once.

import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  // A reading takes some 20 µs; the API and exits get their turn in between.
  static let sampleSlice = 25

  /// Begins a round of readings, unless the last one is still going on.
  func beginSampling() {
    let now = Clock.now().instant
    // Who was started a moment ago has used nothing yet, and who is to be started waits for this. For two seconds at most.
    if orders.count > 64, let lastRound, now - lastRound < .seconds(2) {
      sampleTimer?.arm(at: now + .milliseconds(100))
      return
    }
    lastRound = now
    // Half a round would be half a fleet.
    if sampling?.isDone == true { closeFigures() }
    forEveryLife(\.sampling)
    let interval = configuration?.settings.accounting.sampleInterval ?? .seconds(1)
    sampleTimer?.arm(at: now + interval)
  }

  /// The instances that have, or had a moment ago, a process.
  var present: [InstanceID] { lives.values.compactMap { $0.pid == nil ? nil : $0.id } }

  /// Begins one of the rounds.
  func forEveryLife(_ round: KeyPath<Supervisor, LifeRound?>) {
    self[keyPath: round]?.begin(present)
  }

  /// Reads some.
  func sample(_ ids: ArraySlice<InstanceID>) {
    var processes: [ProcessStat]?
    for id in ids { sample(id, &processes) }
  }

  /// Reads one instance. `processes` is the one look at /proc that all sessions of a slice share.
  private func sample(_ id: InstanceID, _ processes: inout [ProcessStat]?) {
    guard let life = lives[id] else { return }
    guard life.exit == nil else { return lookForEmptiness(life) }
    let reading = life.reader?.read(
      at: Clock.now().instant, after: life.reading, with: &readBuffer
    ) {
      let all = processes ?? ProcessStat.all()
      processes = all
      return all
    }
    if let reading {
      life.take(reading)
      figure(life, reading)
    }
    enforceMemory(life)
    lookAtBusyLog(life)
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
    account(of: id, lives[id], at: Clock.now().instant).cost
  }

  /// What an instance has cost and earned, and what its worker returns: a few look-ups, whatever the history.
  func account(of id: InstanceID, _ life: Life?, at now: Instant) -> RowBuilder.Account {
    let balance = books.balances[BalanceKey(worker: id.worker, instance: id.number)]
    // Beside the use of the host: reported, metered by others, shared.
    let other = balance.map { $0.cost - $0.compute } ?? .zero
    var account = RowBuilder.Account()
    if let life {
      account.cost = (endedCosts[id] ?? .zero) + priced(life, at: now).cost + other
    } else {
      account.cost = endedCosts[id].map { $0 + other }
    }
    let known = books.standing(of: id.worker)
    if known.revenueIsKnown { account.revenue = balance?.netRevenue ?? .zero }
    account.returns = known.returns
    return account
  }
}
