// The simulations behind the engine's rules, with the engine's own code, beside the figures that were published of them:
// false kills, false scale-ups, time to a decision, the value of a candidate, drift, late revenue, portfolios.
// Built by Tests/montecarlo/run. Prints every table; exits 1 when more figures are beyond three standard errors than chance
// explains: of hundreds of figures one or two are, with any seed.

import Glibc
import NovaEconomics

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
guard numbers.count == 3, numbers[0] >= 50, numbers[1] >= 2, numbers[2] >= 0 else {
  say("usage: montecarlo PATHS REPETITIONS SEED")
  exit(2)
}
let (paths, repetitions) = (numbers[0], numbers[1])
let seed = UInt64(numbers[2])
var account = Account()

/// `53.1/20/242.0`, with a `!` behind what is beyond three standard errors.
func cell(_ found: StopResult, _ published: Published, _ what: String, isHeavy: Bool) -> String {
  let share = account.note(
    distance(share: found.share, of: found.paths, published: published.percent), what + ", stopped")
  var middle = "-"
  if let median = found.medianRun { middle = "\(median)" }
  if let median = published.median {
    // Of a handful of stops the middle one says nothing.
    if found.stopped >= 8 {
      middle += account.note(
        distance(
          median: median, of: found.runs, publishedCount: published.percent / 100 * publishedPaths),
        what + ", median")
    }
  }
  // A Pareto tail of index 1.8 has no variance, so its mean has no standard error: shown, and not compared.
  let net =
    isHeavy
    ? ""
    : account.note(
      distance(
        mean: found.meanNet, error: found.netError, of: found.paths, published: published.net,
        publishedDraws: publishedPaths, rounding: published.place / 2), what + ", net")
  return "\(decimal(100 * found.share, 1))\(share)/\(middle)/\(decimal(found.meanNet, 1))\(net)"
}

func stopTable() -> [[StopResult]] {
  say(
    "False kills: % stopped / median run / mean net USD, \(paths) paths of 1000 runs at $0.50, sales of $20"
  )
  say(padded("rule", 38) + Scenario.published.map { padded($0.name, 18) }.joined())
  var all: [[StopResult]] = []
  for (index, row) in stopRows.enumerated() {
    var line = padded(row.policy.name, 38)
    var results: [StopResult] = []
    for (column, scenario) in Scenario.published.enumerated() {
      let found = StopSimulation.run(
        row.policy, scenario, paths: paths, seed: seed &+ UInt64(1000 * index + column))
      results.append(found)
      var isHeavy = false
      if case .pareto = scenario.sale { isHeavy = true }
      line += padded(
        cell(
          found, row.cells[column], "\(row.policy.name), \(scenario.name)", isHeavy: isHeavy), 18)
    }
    say(line)
    all.append(results)
  }
  return all
}

func valueTable(_ results: [[StopResult]]) {
  say(
    "\nValue of a candidate over 1000 runs, USD (published), by the share of good ones among them")
  say(padded("rule", 38) + goodShares.map { padded(decimal(100 * $0, 0) + " %", 18) }.joined())
  for (row, values) in valueRows {
    let name = stopRows[row].policy.name
    let good = [0, 1, 3].map { results[row][$0] }
    let bad = [4, 5, 6].map { results[row][$0] }
    let up = good.reduce(0) { $0 + $1.meanNet } / 3
    let down = bad.reduce(0) { $0 + $1.meanNet } / 3
    var line = padded(name, 38)
    for (share, value) in zip(goodShares, values) {
      line += padded("\(decimal(share * up + (1 - share) * down, 1)) (\(decimal(value, 1)))", 18)
    }
    say(line)
  }
}

func driftTable() {
  say("\nDrift: +100 % for 400 runs, nothing after; % stopped before / median delay in runs")
  for (index, row) in driftRows.enumerated() {
    let found = StopSimulation.drift(row.policy, paths: paths, seed: seed &+ UInt64(20_000 + index))
    let name = row.policy.name
    let early = account.note(
      distance(share: found.share, of: paths, published: row.percent), "drift, \(name), before")
    let late = account.note(
      distance(
        median: row.median, of: found.runs,
        publishedCount: (1 - row.percent / 100) * publishedPaths), "drift, \(name), delay")
    say(
      padded(name, 38) + "\(decimal(100 * found.share, 1))\(early)/\(found.medianRun ?? 0)\(late)")
  }
}

func delayTable() {
  say(
    "\nLate revenue: a run an hour, sales land after 24 h (median); good stopped / median h, bad stopped: median h"
  )
  let (good, bad) = (
    Scenario(name: "good", roiPercent: 100), Scenario(name: "bad", roiPercent: -100)
  )
  for (index, row) in delayRows.enumerated() {
    func run(_ scenario: Scenario, _ number: Int) -> StopResult {
      StopSimulation.delayed(
        scenario, from: row.from, evaluatedAfter: row.age, share: row.share, paths: paths,
        seed: seed &+ UInt64(30_000 + 10 * index + number))
    }
    let up = run(good, 0)
    let down = run(bad, 1)
    let stopped = account.note(
      distance(share: up.share, of: paths, published: row.percent), "\(row.name), good stopped")
    var when = up.medianRun.map { "\($0)" } ?? "-"
    if let median = row.good, up.stopped >= 8 {
      when += account.note(
        distance(median: median, of: up.runs, publishedCount: row.percent / 100 * publishedPaths),
        "\(row.name), good median")
    }
    let end = account.note(
      distance(median: row.bad, of: down.runs, publishedCount: publishedPaths),
      "\(row.name), bad median")
    say(
      padded(row.name, 40) + "\(decimal(100 * up.share, 1))\(stopped)/\(when)"
        + "  \(down.medianRun ?? 0)\(end)")
  }
}

func scaleTable() {
  say("\nFalse scale-ups and the time to a true one: % that ever scale / median run")
  for (index, row) in scaleRows.enumerated() {
    let scenario = Scenario(name: row.name, roiPercent: row.roi)
    let number = seed &+ UInt64(40_000 + index)
    let found =
      row.isNaive
      ? StopSimulation.naiveScale(scenario, paths: paths, seed: number)
      : StopSimulation.scale(scenario, k: 4, paths: paths, seed: number)
    var line = padded(row.name, 40) + decimal(100 * found.share, 1)
    if let percent = row.percent {
      // Published of the original rule in whole percent.
      let off = row.isNaive ? max(0, (100 * found.share - percent).magnitude - 0.5) : 0
      let nearest = off > 0 ? percent : 100 * found.share
      line += account.note(
        distance(share: found.share, of: paths, published: row.isNaive ? nearest : percent),
        "\(row.name), share")
    }
    line += "/" + (found.medianRun.map { "\($0)" } ?? "-")
    if let median = row.median {
      line += account.note(
        distance(
          median: median, of: found.runs,
          publishedCount: (row.percent ?? 100 * found.share) / 100 * publishedPaths),
        "\(row.name), median")
    }
    say(line)
  }
}

let results = stopTable()
valueTable(results)
driftTable()
delayTable()
scaleTable()
portfolioTables(repetitions: repetitions, seed: seed &+ 50_000)
say("")
for line in account.beyond { say("beyond three standard errors: \(line)") }
say(
  "\(account.compared) figures compared, \(account.beyond.count) beyond three standard errors, the farthest at "
    + decimal(account.worst, 2))
// Chance puts 0.27 % beyond three and one in a million beyond five.
let isReproduced = account.beyond.count * 100 <= account.compared && account.worst <= 5
exit(isReproduced ? 0 : 1)
