// Named moments of a turn at which a test build can be made to abort: what a crash there leaves behind is then looked
// at, with no guess about time. Must never exist in a release build: everything but the names is compiled out.

#if DEBUG
  internal import Glibc
  internal import Synchronization
#endif

/// A moment at which the supervisor may be gone the next instant. In the order of a turn.
package enum FaultPoint: String, CaseIterable, Sendable {
  /// Facts have been read from the kernel; nothing was made of them.
  case drained
  /// Something that has to last was heard from a worker; nothing was made of it.
  case heard
  /// The fleet has decided over a fact; no order was carried out.
  case decided
  /// Everything of a life is prepared; the order to spawn is not given.
  case spawning
  /// The order to spawn is given; nothing is written.
  case spawned
  /// A fact's orders were carried out; nothing is written.
  case performed
  /// Usage of what lives is about to be written.
  case booking
  /// Who waits for what became true is told.
  case answered
  /// The turn's writes are handed over; the disk has not confirmed them.
  case committed
  /// Everything for the shim is sent.
  case flushed
  /// The disk has confirmed writes; nothing followed from it.
  case stored
  /// Entries of money are on the disk; nobody who keeps totals was told of them.
  case told
  /// A life's last booking is on the disk; its group is there.
  case booked
  /// Its group is gone; its exit is not acknowledged.
  case removed
  /// Its exit is acknowledged; the fleet does not know.
  case acknowledged
  /// Every live child is known again; nothing was decided over them.
  case adopting
  /// Asked to leave the workers to the next supervisor.
  case handingOver = "handing-over"

  /// Aborts when NOVA_FAULT is `NAME:N` and this is the N-th time that the moment NAME has come.
  @inline(__always) package func reached() {
    #if DEBUG
      if let armed = Self.armed, armed == self { Self.countDown() }
    #endif
  }

  #if DEBUG
    private static let armed: FaultPoint? = setting().0
    private static let left = Atomic<Int>(setting().1)

    private static func setting() -> (FaultPoint?, Int) {
      guard let text = unsafe getenv("NOVA_FAULT") else { return (nil, 0) }
      let parts = unsafe String(cString: text).split(separator: ":")
      guard parts.count == 2, let point = FaultPoint(rawValue: String(parts[0])),
        let count = Int(parts[1])
      else { return (nil, 0) }
      return (point, count)
    }

    private static func countDown() {
      if left.subtract(1, ordering: .relaxed).newValue == 0 { abort() }
    }
  #endif
}
