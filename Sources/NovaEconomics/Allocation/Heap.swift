// A binary heap, the least code that hands out the best of many. Must never be iterated as if it were sorted.

/// The first is the one that comes before all others.
struct Heap<Element: Sendable>: Sendable {
  private var items: [Element]
  private let precedes: @Sendable (Element, Element) -> Bool

  init(_ elements: [Element], _ precedes: @escaping @Sendable (Element, Element) -> Bool) {
    items = elements
    self.precedes = precedes
    for index in stride(from: items.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  /// The first; nil when empty.
  var first: Element? { items.first }

  /// Adds one.
  mutating func insert(_ element: Element) {
    items.append(element)
    var at = items.count - 1
    while at > 0, precedes(items[at], items[(at - 1) / 2]) {
      items.swapAt(at, (at - 1) / 2)
      at = (at - 1) / 2
    }
  }

  /// Takes the first away.
  mutating func removeFirst() {
    guard items.count > 1 else { return items.removeAll() }
    items[0] = items.removeLast()
    sink(0)
  }

  /// Puts another in the place of the first.
  mutating func replaceFirst(_ element: Element) {
    items[0] = element
    sink(0)
  }

  private mutating func sink(_ start: Int) {
    var at = start
    while true {
      var best = at
      for child in [2 * at + 1, 2 * at + 2]
      where child < items.count && precedes(items[child], items[best]) {
        best = child
      }
      guard best != at else { return }
      items.swapAt(at, best)
      at = best
    }
  }
}
