// What a call costs, against the figures of the providers' own bills.

import NovaModel
import Testing

@Suite struct ModelPriceTests {
  /// $3, $3.75, $6, $0.30 and $15 a million.
  private var sonnet: ModelPrice {
    var price = ModelPrice()
    price.rates = [
      .init(.input, Price(picoUSD: 3_000_000)), .init(.output, Price(picoUSD: 15_000_000)),
      .init(.cacheWrite, Price(picoUSD: 3_750_000)), .init(.cacheRead, Price(picoUSD: 300_000)),
      .init(.cacheWriteHour, Price(picoUSD: 6_000_000)),
      .init(.input, Price(picoUSD: 6_000_000), above: 200_000),
      .init(.output, Price(picoUSD: 22_500_000), above: 200_000),
      .init(.input, Price(picoUSD: 1_500_000), tier: .batch),
      .init(.output, Price(picoUSD: 7_500_000), tier: .batch),
    ]
    return price
  }

  private func usage(_ change: (inout TokenUsage) -> Void) -> TokenUsage {
    var usage = TokenUsage()
    change(&usage)
    return usage
  }

  @Test("a call that fills a cache: 3, 12,304 and 550 tokens are $0.054399")
  func golden() {
    let cost = sonnet.cost(
      of: usage {
        $0.input = 3
        $0.cacheWrite = 12_304
        $0.output = 550
      })
    #expect(cost == Price(picoUSD: 54_399_000_000))
    #expect(cost?.decimal == "0.054399")
  }

  @Test("an hour in the cache has its own price, and what is read from it too")
  func caches() {
    let cost = sonnet.cost(
      of: usage {
        $0.cacheWriteHour = 1000
        $0.cacheRead = 10_000
      })
    #expect(cost == Price(picoUSD: 1000 * 6_000_000 + 10_000 * 300_000))
  }

  @Test("a prompt above 200,000 tokens is dearer as a whole, counting what came from the cache")
  func steps() {
    let at = usage {
      $0.input = 100_000
      $0.cacheRead = 100_000
      $0.output = 1
    }
    var above = at
    above.cacheRead += 1
    #expect(
      sonnet.cost(of: at) == Price(picoUSD: 100_000 * 3_000_000 + 100_000 * 300_000 + 15_000_000))
    #expect(
      sonnet.cost(of: above)
        == Price(picoUSD: 100_000 * 6_000_000 + 100_001 * 300_000 + 22_500_000))
  }

  @Test("a batch is cheaper; what has no price of its own in it costs what it always costs")
  func batch() {
    let cost = sonnet.cost(
      of: usage {
        $0.input = 10
        $0.cacheRead = 10
        $0.output = 10
        $0.tier = .batch
      })
    #expect(cost == Price(picoUSD: 10 * 1_500_000 + 10 * 300_000 + 10 * 7_500_000))
  }

  @Test("priority without a price, a search without a price: no cost, which is not nothing")
  func unpriced() {
    #expect(
      sonnet.cost(
        of: usage {
          $0.input = 1
          $0.tier = .priority
        }) == nil)
    #expect(sonnet.cost(of: usage { $0.webSearches = 1 }) == nil)
    #expect(sonnet.cost(of: TokenUsage()) == Price(picoUSD: 0))
  }

  @Test("what cannot be is not priced")
  func impossible() {
    #expect(sonnet.cost(of: usage { $0.input = -1 }) == nil)
    #expect(sonnet.cost(of: usage { $0.reasoning = 1 }) == nil, "more thought than written")
    #expect(sonnet.cost(of: usage { $0.output = TokenUsage.most + 1 }) == nil)
    #expect(
      sonnet.cost(of: usage { $0.output = TokenUsage.most }) == nil, "beyond 2^63 pico-dollars")
  }

  @Test("thought is written unless it has a price of its own")
  func reasoning() {
    let call = usage {
      $0.output = 100
      $0.reasoning = 60
    }
    #expect(sonnet.cost(of: call) == Price(picoUSD: 100 * 15_000_000))
    var other = sonnet
    other.rates.append(.init(.reasoning, Price(picoUSD: 1_000_000)))
    #expect(other.cost(of: call) == Price(picoUSD: 40 * 15_000_000 + 60 * 1_000_000))
  }

  @Test(
    "pico-dollars as text",
    arguments: [
      (0, "0.000000"), (1, "0.000000000001"), (3_000_000, "0.000003"),
      (54_399_000_001, "0.054399000001"), (-1_500_000_000_000, "-1.500000"),
      (10_130_000, "0.00001013"),
    ] as [(Int64, String)])
  func text(pico: Int64, expected: String) {
    #expect(Price(picoUSD: pico).decimal == expected)
    #expect(Price(decimal: expected) == Price(picoUSD: pico))
  }
}
