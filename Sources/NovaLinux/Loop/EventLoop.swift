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
  /// Lower `priority` goes first. The body is kept until the source is cancelled or dropped.
  package func watch(
    _ fd: CInt, _ interest: Interest, priority: Int64 = 0, _ body: @escaping (Interest) -> Void
  ) throws(SystemError) -> Source {
    let source = Source { body($0) }
    let made = try unsafe build("watch", "descriptor \(fd)") { made in
      // SAFETY: `source` is unretained here: its deinit disables the sd-event source first.
      unsafe sd_event_add_io(
        event, made, fd, interest.rawValue,
        { _, _, ready, object in
          guard let object = unsafe object else { return 0 }
          // Retained for the call: a body may drop the last reference to its own source.
          let source = unsafe Unmanaged<Source>.fromOpaque(object).takeUnretainedValue()
          source.fire(Interest(rawValue: ready))
          return 0
        }, unsafe Unmanaged.passUnretained(source).toOpaque())
    }
    unsafe source.adopt(made)
    if priority != 0 {
      let result = unsafe sd_event_source_set_priority(made, priority)
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
    let source = Source { _ in body() }
    let made = try unsafe build("make a timer", "") { made in
      // SAFETY: as in `watch`.
      unsafe sd_event_add_time(
        event, made, CLOCK_MONOTONIC, 0, 1,
        { _, _, object in
          guard let object = unsafe object else { return 0 }
          let source = unsafe Unmanaged<Source>.fromOpaque(object).takeUnretainedValue()
          source.fire([])
          return 0
        }, unsafe Unmanaged.passUnretained(source).toOpaque())
    }
    unsafe sd_event_source_set_enabled(made, CInt(SD_EVENT_OFF))
    unsafe source.adopt(made)
    return source
  }

  /// A source that is dispatched whenever it is enabled. Calls `sd_event_add_defer(3)`.
  func deferral(_ body: @escaping () -> Void) throws(SystemError) -> Source {
    let source = Source { _ in body() }
    let made = try unsafe build("put off a call", "") { made in
      // SAFETY: as in `watch`.
      unsafe sd_event_add_defer(
        event, made,
        { _, object in
          guard let object = unsafe object else { return 0 }
          let source = unsafe Unmanaged<Source>.fromOpaque(object).takeUnretainedValue()
          source.fire([])
          return 0
        }, unsafe Unmanaged.passUnretained(source).toOpaque())
    }
    unsafe sd_event_source_set_enabled(made, CInt(SD_EVENT_OFF))
    unsafe source.adopt(made)
    return source
  }

  /// Blocks the signal in the calling thread and calls `body` when it arrives. Coalesces like signalfd(2).
  package func signal(_ number: CInt, _ body: @escaping () -> Void) throws(SystemError) -> Source {
    var set = sigset_t()
    // SAFETY: `set` outlives the calls.
    unsafe sigemptyset(&set)
    guard unsafe sigaddset(&set, number) == 0 else { throw .last("watch", "signal \(number)") }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    let source = Source { _ in body() }
    let made = try unsafe build("watch", "signal \(number)") { made in
      // SAFETY: as in `watch`.
      unsafe sd_event_add_signal(
        event, made, number,
        { _, _, object in
          guard let object = unsafe object else { return 0 }
          let source = unsafe Unmanaged<Source>.fromOpaque(object).takeUnretainedValue()
          source.fire([])
          return 0
        }, unsafe Unmanaged.passUnretained(source).toOpaque())
    }
    unsafe source.adopt(made)
    return source
  }

  /// One turn: waits for at most `timeout` (nil: for ever), runs the bodies of up to `limit` ready sources without
  /// waiting again, and returns how many ran. Once the turn has taken `longest`, no further body begins. Calls
  /// `sd_event_run(3)`.
  package func turn(limit: Int, timeout: Span?, longest: Span = .seconds(3600))
    throws(SystemError) -> Int
  {
    var ran = 0
    wokeAt = nil
    // Rounded up, so that a wait for 1 ns does not become a busy loop of zeros.
    var wait = timeout.map { UInt64(max(0, $0.nanoseconds) / 1000 + ($0.nanoseconds > 0 ? 1 : 0)) }
    while ran < max(1, limit) {
      let result = unsafe sd_event_run(event, wait ?? .max)
      if result == -EINTR { continue }
      guard result >= 0 else {
        throw SystemError(call: "run the event loop", number: -result, subject: "")
      }
      if result == 0 { break }
      ran += 1
      wait = 0
      // The first body has run by now: its own time is told by the loop's clock, read when it woke up.
      if wokeAt == nil { wokeAt = moment() }
      if let wokeAt, Clock.now().instant - wokeAt >= longest { break }
    }
    return ran
  }

  /// When the present turn's waiting ended; nil when nothing was ready.
  package private(set) var wokeAt: Instant?

  /// The loop's own reading of CLOCK_MONOTONIC after its last wait. Calls `sd_event_now(3)`.
  private func moment() -> Instant? {
    var usec: UInt64 = 0
    guard unsafe sd_event_now(event, CLOCK_MONOTONIC, &usec) >= 0 else { return nil }
    return Instant(nanoseconds: usec * 1000)
  }

  private func build(
    _ call: String, _ subject: String,
    _ add: (UnsafeMutablePointer<OpaquePointer?>) -> CInt
  ) throws(SystemError) -> OpaquePointer {
    var made: OpaquePointer?
    // SAFETY: `made` outlives the call.
    let result = unsafe add(&made)
    guard result >= 0, let pointer = unsafe made else {
      throw SystemError(call: call, number: -result, subject: subject)
    }
    return unsafe pointer
  }

  deinit { unsafe sd_event_unref(event) }
}
