// What the loop watches: a descriptor, a signal or a time. Must never call its body after it was cancelled.

internal import CSystemd
package import NovaModel

/// What to look for on a descriptor, and what was found; the bits of epoll_ctl(2).
package struct Interest: OptionSet, Sendable, Hashable {
  /// EPOLL* bits, the same on every architecture.
  package let rawValue: UInt32
  /// Wraps EPOLL* bits.
  package init(rawValue: UInt32) { self.rawValue = rawValue }
  /// EPOLLIN: bytes, a connection or the end of the stream can be read.
  package static let readable = Interest(rawValue: 0x001)
  /// EPOLLPRI: a cgroup file changed, or out-of-band data.
  package static let priority = Interest(rawValue: 0x002)
  /// EPOLLOUT: a write would be taken.
  package static let writable = Interest(rawValue: 0x004)
  /// EPOLLERR: always reported, asked for or not.
  package static let error = Interest(rawValue: 0x008)
  /// EPOLLHUP: always reported, asked for or not.
  package static let hangup = Interest(rawValue: 0x010)
}

/// Something watched by an `EventLoop`; ends when cancelled or when its last reference goes.
@safe package final class Source {
  private var pointer: OpaquePointer?
  private var body: ((Interest) -> Void)?

  init(_ body: @escaping (Interest) -> Void) { self.body = body }

  func adopt(_ made: OpaquePointer) { unsafe pointer = made }

  func fire(_ ready: Interest) { body?(ready) }

  /// Stops watching; harmless when repeated, also from its own body.
  package func cancel() {
    // SAFETY: the one reference we hold; sd-event keeps a source alive while it is being dispatched.
    if let made = unsafe pointer {
      unsafe pointer = nil
      unsafe sd_event_source_disable_unref(made)
    }
    body = nil
  }

  /// Changes what a descriptor's source looks for. Ignored once cancelled.
  package func setInterest(_ interest: Interest) {
    guard let made = unsafe pointer else { return }
    unsafe sd_event_source_set_io_events(made, interest.rawValue)
  }

  /// Lower goes first; an errno below zero when it cannot be.
  @discardableResult package func set(priority: Int64) -> CInt {
    guard let made = unsafe pointer else { return 0 }
    return unsafe sd_event_source_set_priority(made, priority)
  }

  func arm(microseconds: UInt64) {
    guard let made = unsafe pointer else { return }
    unsafe sd_event_source_set_time(made, microseconds)
    enable()
  }

  /// Lets it be dispatched once more.
  func enable() {
    guard let made = unsafe pointer else { return }
    unsafe sd_event_source_set_enabled(made, CInt(SD_EVENT_ONESHOT))
  }

  func disarm() {
    guard let made = unsafe pointer else { return }
    unsafe sd_event_source_set_enabled(made, CInt(SD_EVENT_OFF))
  }

  deinit {
    // SAFETY: as in `cancel`.
    if let made = unsafe pointer { unsafe sd_event_source_disable_unref(made) }
  }
}

/// A time on CLOCK_MONOTONIC that the loop waits for; fires once each time it is armed.
package final class Timer {
  private let loop: EventLoop
  private let body: () -> Void
  private var clock: Source?
  /// Dispatched in the next round without a call to the kernel: setting a timerfd(2) takes longer than many a body.
  private var next: Source?
  private var due: Instant?
  /// When the kernel calls at the latest; nil when it does not.
  private var called: Instant?

  init(_ loop: EventLoop, _ body: @escaping () -> Void) throws(SystemError) {
    self.loop = loop
    self.body = body
    clock = try loop.clock { [weak self] in self?.rang() }
  }

  /// Fires at `at`, never before it; replaces an earlier time. A time in the past fires as soon as the loop comes by.
  /// `lazily`: where the kernel calls earlier already, it is not told again; for times that are put off all the time.
  package func arm(at: Instant, lazily: Bool = false) {
    due = at
    guard at > Clock.now().instant else {
      if next == nil { next = try? loop.deferral { [weak self] in self?.rang() } }
      if let next { return next.enable() }
      // Without memory for it the kernel does it.
      return call(at)
    }
    if lazily, let called, called <= at { return }
    call(at)
  }

  private func call(_ at: Instant) {
    called = at
    let (rounded, over) = at.nanoseconds.addingReportingOverflow(999)
    // The largest value means "never" to sd-event, which is what so late a time is.
    clock?.arm(microseconds: over ? .max : rounded / 1000)
  }

  private func rang() {
    let now = Clock.now().instant
    if let called, called <= now { self.called = nil }
    guard let due else { return }
    guard due <= now else {
      if called == nil { call(due) }
      return
    }
    self.due = nil
    next?.disarm()
    body()
  }

  /// Forgets the time.
  package func disarm() {
    due = nil
    called = nil
    next?.disarm()
    clock?.disarm()
  }
}
