// docs/economics.md tells a worked day; every figure of it is computed here by the code that runs, and every amount in
// its prose is either given there or one of the figures. Must never hold a figure that the page does not show.

import Glibc
import NovaEconomics
import NovaModel
import Testing

struct WorkedDayTests {
  private static let page = text(of: "docs/economics.md")
  private static var section: Substring {
    guard let range = page.range(of: "## A worked day") else { return "" }
    return page[range]
  }

  @Test("every figure of the worked day is what the code computes")
  func figures() throws {
    let computed = try Self.computed()
    var told: [String: String] = [:]
    for line in Self.section.split(separator: "\n") where line.hasPrefix("| ") {
      let cells = line.split(separator: "|").map { $0.trimmed }
      guard cells.count == 3, cells[2].hasPrefix("`") else { continue }
      told[cells[0]] = String(cells[2].dropFirst().dropLast())
    }
    #expect(told.count >= 16)
    #expect(Set(told.keys) == Set(computed.keys))
    for (name, value) in computed { #expect(told[name] == value, "\(name)") }
  }

  @Test("the prose of the worked day uses no amount that was not given")
  func prose() {
    let given: Set<String> = [
      "10.00", "0.031611", "0.004237", "0.50", "0.12", "0.60", "1.20", "12.50", "1.39", "2.10",
      "3.00", "9.00", "30.00", "100.00", "80.00", "70.00",
    ]
    var found: Set<String> = []
    for line in Self.section.split(separator: "\n") where !line.hasPrefix("|") {
      for part in line.split(separator: "$").dropFirst() {
        var amount = part.prefix { $0.isNumber || $0 == "." }
        while amount.last == "." { amount.removeLast() }
        found.insert(String(amount))
      }
    }
    #expect(found == given)
  }

  private static func computed() throws -> [String: String] {
    var result: [String: String] = [:]
    let pricing = UsagePricing(HostPrices())
    func computing(hours: UInt64) -> Money {
      var totals = UsageTotals()
      totals.cpuUsec = 900_000_000 * hours
      totals.memoryKiBMsec = (512 << 10) * 3_600_000 * hours
      return pricing.cost(of: totals)
    }
    result["an hour of computing"] = computing(hours: 1).decimal
    let day = computing(hours: 24)
    result["a day of computing"] = day.decimal
    let rate = ComputeRate(milliCores: 2000, memoryBytes: 4 << 30, prices: HostPrices())
    result["the most it can cost an hour"] = rate.cost(over: .seconds(3600)).decimal
    // The minute's booking interval and the second of margin, as the keeper sets it aside.
    var keeper = Stage.keeper(fleet: "100", [Stage.a: Stage.budget(daily: "10")])
    _ = keeper.cover(.worker(Stage.a), rate: rate, interval: .seconds(60), at: Stage.at(0))
    result["set aside for the next minute"] = keeper.book.reserved(Stage.daily(Stage.a)).decimal
    keeper.uncover(.worker(Stage.a))

    var book = keeper.book
    let first = try book.reserve(Stage.wish("1", Stage.a, "0.50"), at: Stage.at(0))
    let before = try #require(book.left(Stage.daily(Stage.a)))
    _ = try book.settle(first.id, spent: .usd("0.12"), at: Stage.at(1))
    let after = try #require(book.left(Stage.daily(Stage.a)))
    result["given back of the first call"] = (after - before).decimal
    let second = try book.reserve(Stage.wish("2", Stage.a, "0.50"), at: Stage.at(2))
    let over = try book.settle(second.id, spent: .usd("0.60"), at: Stage.at(3)).overrun
    result["the second call beyond its bound"] = over.decimal
    let third = try book.reserve(Stage.wish("3", Stage.a, "0.50"), at: Stage.at(4))
    result["the next bound of $0.50"] = third.amount.decimal

    let revenue = Money.usd("37.50") - .usd("12.50")
    let cost = day + .usd("0.12") + .usd("0.60") + .usd("1.20") + .usd("1.39")
    let profit = revenue - cost
    result["net revenue"] = revenue.decimal
    result["cost"] = cost.decimal
    result["profit"] = profit.decimal
    let hundredths = profit.microUSD * 10_000 / cost.microUSD
    result["ROI, percent"] = "\(hundredths / 100).\(hundredths % 100)"

    let noon = BudgetForecast(spent: .usd("2.10"), sharePPM: 500_000, usualDay: .usd("3"))
    result["forecast at noon"] = noon.total.decimal
    var evening = Stage.keeper(fleet: "100", [Stage.a: Stage.budget(daily: "10")]).book
    evening.charge(.usd("2.10"), to: evening.path(worker: Stage.a), at: Stage.at(0))
    evening.charge(.usd("9"), to: evening.path(worker: Stage.a), at: Stage.at(1))
    result["left after the report"] = evening.left(Stage.daily(Stage.a))?.decimal
    result["overrun"] = evening.overrun(Stage.daily(Stage.a)).decimal

    let larger = BudgetForecast(spent: .usd("30"), sharePPM: 250_000, usualDay: .usd("80"))
    result["forecast of the larger fleet"] = larger.total.decimal
    result["tomorrow's limit"] =
      Reinvestment.limit(base: .usd("10"), maturedProfit7Days: .usd("70"), cap: .usd("100")).decimal
    return result
  }

  /// A file of the source tree.
  private static func text(of path: String) -> String {
    let top = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let descriptor = unsafe open("/\(top)/\(path)", O_RDONLY)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe read(descriptor, $0.baseAddress, $0.count)
    }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}

extension StringProtocol {
  fileprivate var trimmed: String {
    var text = Substring(self)
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  /// Where a text begins; to its end.
  fileprivate func range(of needle: String) -> PartialRangeFrom<String.Index>? {
    var at = startIndex
    while at < endIndex {
      if self[at...].hasPrefix(needle) { return at... }
      at = index(after: at)
    }
    return nil
  }
}
