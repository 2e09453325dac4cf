// Pico-dollars as whole micro-dollars: each cost is rounded once, and what was rounded off is carried to the next, so that no
// number of calls is ever off by more than half a micro-dollar. Must never lose or invent a pico-dollar.

/// What is left over from the costs so far.
package struct CostCarry: Sendable, Hashable {
  /// From -500,000 to 500,000.
  package private(set) var remainderPico: Int64

  /// One that goes on where another ended.
  package init(remainderPico: Int64 = 0) { self.remainderPico = remainderPico }

  /// The part of a cost that is booked now: half-even. Never negative for a cost that is not.
  package mutating func take(_ cost: Price) -> Money {
    let sum = Int128(remainderPico) + Int128(cost.picoUSD)
    var (micro, rest) = sum.quotientAndRemainder(dividingBy: 1_000_000)
    if rest > 500_000 || rest == 500_000 && micro % 2 != 0 {
      micro += 1
      rest -= 1_000_000
    } else if rest < -500_000 || rest == -500_000 && micro % 2 != 0 {
      micro -= 1
      rest += 1_000_000
    }
    remainderPico = Int64(rest)
    return Money(microUSD: Int64(clamping: micro))
  }
}
