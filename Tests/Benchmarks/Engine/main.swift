// What a tick of the decision engine costs with 10,000 workers and a million evaluated runs in the ledger, what one more
// run costs, and how long a start takes until the stored runs are taken back. Built and run by Tests/Benchmarks/engine.
// Prints; must never assert. The daemon's look-ups in the fleet and the accounts are not in it.

import Glibc
import NovaEconomics
import NovaLedger
import NovaModel

func say(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  _ = unsafe write(STDOUT_FILENO, bytes, bytes.count)
}

func now() -> Double { clock(CLOCK_MONOTONIC) }

/// What this thread has had of a processor: what else the machine does is not in it.
func worked() -> Double { clock(CLOCK_THREAD_CPUTIME_ID) }

func clock(_ id: clockid_t) -> Double {
  var time = timespec()
  unsafe clock_gettime(id, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func tenths(_ value: Double) -> String {
  let whole = Int64((value * 10).rounded())
  return "\(whole / 10).\(whole % 10)"
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

guard CommandLine.arguments.count == 4, let workers = Int(CommandLine.arguments[2]),
  let runsEach = Int(CommandLine.arguments[3]), workers > 0, runsEach > 0
else {
  say("usage: engine-benchmark DIRECTORY WORKERS RUNS_EACH")
  exit(2)
}
let path = CommandLine.arguments[1] + "/engine.db"
let names = (0..<workers).compactMap { WorkerName("w\($0)") }
let epochs = names.map {
  EpochRecord(
    worker: $0, number: 1, since: WallTime(microseconds: 0), reason: "first", fingerprint: 1,
    instances: 1, cap: Money(microUSD: 20_000_000), reservePPM: 50_000)
}

func opened() -> Economy {
  var economy = Economy()
  for epoch in epochs {
    economy.begin(epoch, maturation: Maturation(medianHours: 0, horizonHours: 168))
  }
  return economy
}

/// A run of $0.50 with its cost told, a sale of $20 in one of twenty, as the supervisor tells them.
func tell(_ economy: inout Economy, _ index: Int, _ random: inout SeededGenerator) {
  let name = names[index % names.count]
  let at = WallTime(microseconds: Int64(index + 1) * 1000)
  let id = "r\(index / names.count)"
  var cost = Entry(
    event: at, booked: at, worker: name, kind: .reported, source: "worker", externalID: "c\(index)",
    amount: Money(microUSD: -500_000))
  cost.run = id
  economy.take(cost)
  if random.happens(0.05) {
    var sale = Entry(
      event: at, booked: at, worker: name, kind: .sale, source: "worker", externalID: "s\(index)",
      amount: Money(microUSD: 20_000_000))
    sale.run = id
    economy.take(sale)
  }
  economy.take(
    RunRecord(
      worker: name, instance: 1, incarnation: nil, id: id, outcome: .ok, origin: .report,
      started: at, finished: at))
}

/// The books of a worker as the daemon holds them.
let balance: Balance = {
  var balance = Balance()
  // Twice what it cost: nothing is due, as on most days.
  balance.revenue = Money(microUSD: 1_000_000 * Int64(runsEach))
  balance.cost = Money(microUSD: 500_000 * Int64(runsEach))
  return balance
}()
let totals: RunTotals = {
  var totals = RunTotals()
  totals.ok = Int64(runsEach)
  return totals
}()

/// All that a tick makes of everybody: facts, allocation, alerts, and whether anything is due.
func tick(_ economy: inout Economy, _ mode: DecisionMode) -> (
  milliseconds: Double, worked: Double, due: Int
) {
  var settings = EngineSettings()
  settings.mode = mode
  var house = FleetFacts()
  house.workers = workers
  house.isAutonomous = true
  house.dayLimit = Money(microUSD: 10_000_000_000)
  let at = WallTime(microseconds: 86_400_000_000)
  let began = now()
  let workedBefore = worked()
  let selected = economy.selected()
  var inputs: [DecisionInputs] = []
  inputs.reserveCapacity(workers)
  for name in names {
    var one = WorkerFacts(worker: name)
    economy.fill(&one, balance: balance, runs: totals, at: at, settings: settings)
    one.isSelected = selected.contains(name)
    inputs.append(DecisionInputs(settings: settings, fleet: house, worker: one))
  }
  if mode == .evidence { economy.allocate(&inputs, money: house.dayLimit) }
  var due = 0
  var readings = 0
  for one in inputs {
    readings += AlertRules.readings(one.worker, settings).count
    if Decider.isDue(one) { due += 1 }
  }
  return (
    (now() - began) * 1000, (worked() - workedBefore) * 1000, due + (readings < 0 ? 1 : 0)
  )
}

do {
  var economy = opened()
  var random = SeededGenerator(seed: 1)
  let ledger = try Ledger(path: path, now: WallTime(microseconds: 1))
  ledger.submit(epochs.map { .engine(.epoch($0)) })
  let total = workers * runsEach
  var perRun: [Double] = []
  var ticket: UInt64 = 0
  var open = 0
  func settle(to most: Int) throws {
    while open > most {
      var wait = pollfd(fd: ledger.completionDescriptor, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&wait, 1, 1000)
      for completion in ledger.drainCompletions() {
        switch completion {
        case .durable: open -= 1
        case .rejected(_, let error): throw error
        case .degraded(let error, _): throw error
        default: continue
        }
      }
    }
  }
  for start in stride(from: 0, to: total, by: 10_000) {
    let count = min(10_000, total - start)
    let began = worked()
    for index in start..<(start + count) { tell(&economy, index, &random) }
    let found = economy.ripen(at: WallTime(microseconds: 86_400_000_000), limit: count)
    perRun.append((worked() - began) / Double(count) * 1e6)
    ticket += 1
    open += 1
    ledger.submit(found.map { .engine(.evaluation($0)) }, ticket: ticket)
    try settle(to: 8)
  }
  try settle(to: 0)
  say("\(total) evaluated runs of \(workers) workers are in the ledger")
  say(
    "one run, told and evaluated:  \(tenths(median(Array(perRun.prefix(10))))) us at first, "
      + "\(tenths(median(Array(perRun.suffix(10))))) us at last (medians of 10,000 runs each)")
  for mode in DecisionMode.allCases {
    let rounds = (0..<9).map { _ in tick(&economy, mode) }
    let times = rounds.map(\.milliseconds)
    say(
      "a tick over all, \(mode.rawValue):  median \(tenths(median(times))) ms, longest "
        + "\(tenths(times.max() ?? 0)) ms, of a processor \(tenths(median(rounds.map(\.worked)))) ms, "
        + "\(rounds[0].due) due (aim 250)")
  }
  let began = now()
  var again = opened()
  var after: Int64 = 0
  var slices: [Double] = []
  while true {
    let slice = now()
    let page = try ledger.evaluations(after: after, limit: 2000)
    for evaluation in page {
      again.replay(evaluation)
      after = evaluation.sequence
    }
    slices.append((now() - slice) * 1000)
    if page.count < 2000 { break }
  }
  let span = now() - began
  say(
    "start: all taken back in \(tenths(span)) s, in slices of 2,000 of at most "
      + "\(tenths(slices.max() ?? 0)) ms (median \(tenths(median(slices))) ms)")
  let isSame = names.allSatisfy {
    again.accounts[$0]?.evidence == economy.accounts[$0]?.evidence
  }
  say("the evidence is the same as before the start, to the bit: \(isSame ? "yes" : "no")")
  _ = ledger.close()
} catch {
  say("engine-benchmark: \(error)")
  exit(1)
}
