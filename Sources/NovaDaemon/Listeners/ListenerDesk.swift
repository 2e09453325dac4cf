// The listeners of instances that have a network of their own with a way to the gateway, as the shim has handed them over.
// Must never keep one of a life that has ended: with the last descriptor the socket goes.

import NovaLinux
import NovaModel
import NovaWire

/// Who listens now.
struct ListenerDesk {
  private var living: [InstanceID: (incarnation: Incarnation, listener: DescriptorBox)] = [:]

  var count: Int { living.count }

  /// Whether that life's listener is there.
  func has(_ id: InstanceID, _ incarnation: Incarnation) -> Bool {
    living[id]?.incarnation == incarnation
  }

  /// Everybody, by name.
  var all: [(life: ListeningLife, listener: DescriptorBox)] {
    living.sorted { $0.key < $1.key }.map {
      (Self.life($0.key, $0.value.incarnation), $0.value.listener)
    }
  }

  /// The shim has handed one over: a life that it takes the place of, and whether it says anything new. After a connection
  /// that broke all come again.
  mutating func take(
    _ id: InstanceID, _ incarnation: Incarnation, _ listener: DescriptorBox
  ) -> (ended: ListeningLife?, new: ListeningLife?) {
    let before = living[id]
    if before?.incarnation == incarnation { return (nil, nil) }
    living[id] = (incarnation, listener)
    return (before.map { Self.life(id, $0.incarnation) }, Self.life(id, incarnation))
  }

  /// A life has ended; nil when it had none.
  mutating func end(_ id: InstanceID, _ incarnation: Incarnation) -> ListeningLife? {
    guard has(id, incarnation) else { return nil }
    living[id] = nil
    return Self.life(id, incarnation)
  }

  /// All have ended.
  mutating func endAll() -> [ListeningLife] {
    let ended = all.map(\.life)
    living = [:]
    return ended
  }

  private static func life(_ id: InstanceID, _ incarnation: Incarnation) -> ListeningLife {
    ListeningLife(id, incarnation: Int64(clamping: incarnation.serial))
  }
}
