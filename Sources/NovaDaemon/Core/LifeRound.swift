// Something that is done to every life now and then, a slice a turn, so that ten thousand of them hold nobody up.
// Must never hold a life: one that ends meanwhile is passed over by whoever looks.

import NovaLinux
import NovaModel

/// A round over instances, begun again and again.
final class LifeRound {
  private var rest: [InstanceID] = []
  private var timer: NovaLinux.Timer?
  private let slice: Int
  private let body: (ArraySlice<InstanceID>) -> Void

  /// A round that hands `slice` instances a turn to `body`.
  init(
    _ loop: EventLoop, slice: Int, _ body: @escaping (ArraySlice<InstanceID>) -> Void
  ) throws(SystemError) {
    self.slice = slice
    self.body = body
    timer = try loop.timer { [weak self] in self?.step() }
  }

  /// Begins a round, unless the last one is still going on.
  func begin(_ ids: @autoclosure () -> [InstanceID]) {
    guard rest.isEmpty else { return }
    rest = ids()
    step()
  }

  /// Nobody is left of the last round.
  var isDone: Bool { rest.isEmpty }

  private func step() {
    let count = min(slice, rest.count)
    body(rest.suffix(count))
    rest.removeLast(count)
    if !rest.isEmpty { timer?.arm(at: Clock.now().instant) }
  }
}
