// A POSIX thread for one errand, with every signal blocked: signals are the loop's, and a handler that ran here would find
// a thread that knows nothing of it. Must never be told of the fleet, and never outlive what its errand owns.

internal import Glibc

/// What a thread does from its beginning to its end. It is handed over whole: who starts it keeps no use of what it owns.
protocol Errand: AnyObject {
  /// Everything there is to do; called once, on the thread.
  func run()
}

/// A running thread: joined or left to itself by whoever started it.
struct OwnThread: ~Copyable {
  private let thread: pthread_t

  /// Starts it. Calls `pthread_create(3)`; `doing` is what an error says could not be done.
  init(_ errand: any Errand, doing: String) throws(LedgerError) {
    let parcel = unsafe Unmanaged.passRetained(Parcel(errand))
    var thread = pthread_t()
    var all = sigset_t()
    var before = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        // SAFETY: the pointer made by passRetained above, consumed once; the starting thread keeps no reference.
        if let argument = unsafe argument {
          unsafe Unmanaged<Parcel>.fromOpaque(argument).takeRetainedValue().errand.run()
        }
        return nil
      }, unsafe parcel.toOpaque())
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    guard code == 0 else {
      unsafe parcel.release()
      throw LedgerError(
        .other, doing: doing, message: "pthread_create gave error \(code)",
        remedy: "raise the limit of tasks")
    }
    self.thread = thread
  }

  /// Waits for its end.
  consuming func join() { pthread_join(thread, nil) }

  /// Leaves it to itself: nobody waits for its end.
  consuming func detach() { pthread_detach(thread) }
}

/// A class of one type, for the one pointer that a thread is given.
private final class Parcel {
  let errand: any Errand
  init(_ errand: any Errand) { self.errand = errand }
}
