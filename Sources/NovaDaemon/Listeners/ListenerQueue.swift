// What one reader of gateway.sock is still to be told, in order. What has begun and ended before it could be told is never
// told. Must never grow with the time that a reader does not read, but with the lives it has to hear of.

import NovaLinux
import NovaModel
import NovaWire

/// News for one reader, oldest first.
struct ListenerQueue {
  /// One message, and the listener that goes with it.
  struct Item {
    let news: ListenerNews
    let listener: DescriptorBox?
  }

  /// Who does not read for so long while something waits is given up: it would keep listeners of the dead open.
  static let patience = Span.seconds(10)

  private var waiting: [Item] = []
  private var next = 0
  /// Since when the oldest waits.
  private var since: Instant?

  var first: Item? { next < waiting.count ? waiting[next] : nil }
  var isEmpty: Bool { next == waiting.count }

  /// It has read nothing for too long.
  func isStuck(at now: Instant) -> Bool { since.map { now - $0 > Self.patience } ?? false }

  mutating func add(_ news: ListenerNews, _ listener: DescriptorBox?, at now: Instant) {
    if case .gone(let life) = news,
      let untold = waiting[next...].firstIndex(where: { $0.news == .listens(life) })
    {
      waiting.remove(at: untold)
      if isEmpty { since = nil }
      return
    }
    waiting.append(Item(news: news, listener: listener))
    if since == nil { since = now }
  }

  /// The first was sent.
  mutating func removeFirst(at now: Instant) {
    next += 1
    since = isEmpty ? nil : now
    if isEmpty || next > 1024 {
      waiting.removeFirst(next)
      next = 0
    }
  }
}
