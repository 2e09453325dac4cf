// WATCHDOG=1 from a thread of its own at half the period, for as long as no run takes too long: a hanging run must not
// look alive. Must never touch anything but its own two words and the notify socket.

import Glibc

/// The heartbeat of this process.
enum Heartbeat {
  nonisolated(unsafe) private static var lock = unsafe pthread_mutex_t()
  /// CLOCK_MONOTONIC, nanoseconds: when a run has taken too long; 0 while none is under way.
  nonisolated(unsafe) private static var deadline: UInt64 = 0
  nonisolated(unsafe) private static var length: UInt64 = 0
  nonisolated(unsafe) private static var period: UInt64 = 0

  /// Begins to beat, if a heartbeat is expected.
  static func begin(period microseconds: UInt64?) {
    guard let microseconds, microseconds > 0 else { return }
    unsafe period = microseconds
    unsafe pthread_mutex_init(&lock, nil)
    var thread = pthread_t()
    var everything = sigset_t()
    var before = sigset_t()
    // The thread takes no signal: the stop signal belongs to the main thread's pipe either way.
    unsafe sigfillset(&everything)
    unsafe pthread_sigmask(SIG_BLOCK, &everything, &before)
    unsafe pthread_create(&thread, nil, { _ in unsafe Heartbeat.beat() }, nil)
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  /// A run begins and may take so long; nil: it is over.
  static func allow(_ span: Duration?) {
    unsafe pthread_mutex_lock(&lock)
    let (seconds, _) = (span ?? .zero).components
    unsafe length = UInt64(clamping: seconds) &* 1_000_000_000
    unsafe deadline = span == nil ? 0 : now() &+ length
    unsafe pthread_mutex_unlock(&lock)
  }

  /// The run gets on: its time begins anew.
  static func prolong() {
    unsafe pthread_mutex_lock(&lock)
    if unsafe deadline != 0 { unsafe deadline = now() &+ length }
    unsafe pthread_mutex_unlock(&lock)
  }

  private static func beat() -> UnsafeMutableRawPointer? {
    while true {
      unsafe pthread_mutex_lock(&lock)
      let isLate = unsafe deadline != 0 && now() > deadline
      unsafe pthread_mutex_unlock(&lock)
      if !isLate { Supervisor.current.notify("WATCHDOG=1") }
      unsafe poll(nil, 0, Int32(clamping: max(1, period / 2000)))
    }
  }

  private static func now() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}
