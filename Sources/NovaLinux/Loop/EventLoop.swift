// One thread, one loop: libsystemd's sd-event. Bodies run one at a time and never block.
// Must never use sd-event's child sources: they fail with ECHILD on what is not our child.

internal import CSystemd
internal import Glibc
package import NovaModel

/// The event loop of a program. Not Sendable: it belongs to the thread that made it.
@safe package final class EventLoop {
  let event: OpaquePointer

  /// Makes a loop. Calls `sd_event_new(3)`.
  package init() throws(SystemError) {
    var made: OpaquePointer?
    // SAFETY: `made` outlives the call; on success it holds one reference, dropped in deinit.
    let result = unsafe sd_event_new(&made)
    guard result >= 0, let loop = unsafe made else {
      throw SystemError(call: "make an event loop", number: -result, subject: "")
    }
    unsafe event = loop
  }

  /// Calls `body` with what is ready on `fd`; the descriptor stays the caller's and must outlive the source.
  /// Those of one `priority` take turns; a lower one goes first, as often as it is ready. The body is kept until the source is cancelled or dropped.
  package func watch(
    _ fd: CInt, _ interest: Interest, priority: Int64 = 0, _ body: @escaping (Interest) -> Void
  ) throws(SystemError) -> Source {
    let source = try unsafe source("watch", "descriptor \(fd)", body) { made, object in
      unsafe sd_event_add_io(
        event, made, fd, interest.rawValue,
        { _, _, ready, object in unsafe EventLoop.fire(object, Interest(rawValue: ready)) }, object)
    }
    if priority != 0 {
      let result = source.set(priority: priority)
      guard result >= 0 else {
        throw SystemError(call: "set priority", number: -result, subject: "descriptor \(fd)")
      }
    }
    return source
  }

  /// Makes a timer on CLOCK_MONOTONIC, not armed yet, accurate to 1 microsecond.
  package func timer(_ body: @escaping () -> Void) throws(SystemError) -> Timer {
    try Timer(self, body)
  }

  /// A source that is dispatched when a time has come. Calls `sd_event_add_time(3)`.
  func clock(_ body: @escaping () -> Void) throws(SystemError) -> Source {
    let source = try unsafe source("make a timer", "", { _ in body() }) { made, object in
      unsafe sd_event_add_time(
        event, made, CLOCK_MONOTONIC, 0, 1, { _, _, object in unsafe EventLoop.fire(object) },
        object)
    }
    source.disarm()
    return source
  }

  /// A source that is dispatched whenever it is enabled. Calls `sd_event_add_defer(3)`.
  func deferral(_ body: @escaping () -> Void) throws(SystemError) -> Source {
    let source = try unsafe source("put off a call", "", { _ in body() }) { made, object in
      unsafe sd_event_add_defer(event, made, { _, object in unsafe EventLoop.fire(object) }, object)
    }
    source.disarm()
    return source
  }

  /// Blocks the signal in the calling thread and calls `body` when it arrives. Coalesces like signalfd(2).
  package func signal(_ number: CInt, _ body: @escaping () -> Void) throws(SystemError) -> Source {
    var set = sigset_t()
    // SAFETY: `set` outlives the calls.
    unsafe sigemptyset(&set)
    guard unsafe sigaddset(&set, number) == 0 else { throw .last("watch", "signal \(number)") }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    return try unsafe source("watch", "signal \(number)", { _ in body() }) { made, object in
      unsafe sd_event_add_signal(
        event, made, number, { _, _, object in unsafe EventLoop.fire(object) }, object)
    }
  }

  /// One turn: waits for at most `timeout` (nil: for ever), runs the bodies of up to `limit` ready sources without
  /// waiting again, and returns how many ran. Once the turn has taken `longest`, no further body begins. Calls
  /// `sd_event_run(3)`.
  package func turn(limit: Int, timeout: Span?, longest: Span = .seconds(3600))
    throws(SystemError) -> Int
  {
    var ran = 0
    wokeAt = nil
    isBehind = true
    // Rounded up, so that a wait for 1 ns does not become a busy loop of zeros.
    var wait = timeout.map { UInt64(max(0, $0.nanoseconds) / 1000 + ($0.nanoseconds > 0 ? 1 : 0)) }
    while ran < max(1, limit) {
      let result = unsafe sd_event_run(event, wait ?? .max)
      if result == -EINTR { continue }
      guard result >= 0 else {
        throw SystemError(call: "run the event loop", number: -result, subject: "")
      }
      if result == 0 {
        isBehind = false
        break
      }
      ran += 1
      wait = 0
      // The first body has run by now: its own time is told by the loop's clock, read when it woke up.
      if wokeAt == nil { wokeAt = moment() }
      if let wokeAt, Clock.now().instant - wokeAt >= longest { break }
    }
    return ran
  }

  /// The last turn ended although something was ready.
  package private(set) var isBehind = false

  /// When the present turn's waiting ended; nil when nothing was ready.
  package private(set) var wokeAt: Instant?

  /// The loop's own reading of CLOCK_MONOTONIC after its last wait. Calls `sd_event_now(3)`.
  private func moment() -> Instant? {
    var usec: UInt64 = 0
    guard unsafe sd_event_now(event, CLOCK_MONOTONIC, &usec) >= 0 else { return nil }
    return Instant(nanoseconds: usec * 1000)
  }

  /// A source of `add`'s kind, whose body is kept until it is cancelled or dropped.
  private func source(
    _ call: String, _ subject: String, _ body: @escaping (Interest) -> Void,
    _ add: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutableRawPointer) -> CInt
  ) throws(SystemError) -> Source {
    let source = Source(body)
    var made: OpaquePointer?
    // SAFETY: `made` outlives the call; `source` is unretained, its deinit disables the sd-event source first.
    let result = unsafe add(&made, Unmanaged.passUnretained(source).toOpaque())
    guard result >= 0, let pointer = unsafe made else {
      throw SystemError(call: call, number: -result, subject: subject)
    }
    unsafe source.adopt(pointer)
    return source
  }

  /// What sd-event calls.
  private static func fire(_ object: UnsafeMutableRawPointer?, _ ready: Interest = []) -> CInt {
    guard let object = unsafe object else { return 0 }
    // Retained for the call: a body may drop the last reference to its own source.
    let source = unsafe Unmanaged<Source>.fromOpaque(object).takeUnretainedValue()
    source.fire(ready)
    return 0
  }

  deinit { unsafe sd_event_unref(event) }
}
