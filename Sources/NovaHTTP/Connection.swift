// One accepted socket: who is behind it, the request being read on it and the exchange being answered.
// Must never touch the library's connection after it was told that it is closed.

internal import CMicroHTTPD
internal import Glibc
internal import NovaLinux
internal import NovaModel

/// The state of one socket that libmicrohttpd reads and writes for us.
@safe final class Connection {
  /// Where it stands; only `reading` has a deadline of ours.
  enum Phase: Equatable {
    /// Nothing, or part of a request, has arrived since `since`.
    case reading(since: Instant)
    /// The handler has the request.
    case answering
  }

  let descriptor: CInt
  let peer: Peer
  let limits: HTTPLimits
  private let loop: EventLoop
  private let library: OpaquePointer
  private let soon: () -> Void
  /// Calls when the library has returned.
  let later: (@escaping () -> Void) -> Void
  private var hangup: Source?
  private var suspended = false
  /// As the client wrote it; nil when it was too long.
  var target: String? = ""
  var phase: Phase
  /// Nil until the headers of a request were read.
  var draft: Draft?
  var exchange: Exchange?
  /// Of its request's body.
  var heldBytes = 0

  /// A request whose body is still arriving.
  struct Draft {
    var method: String
    var target: RequestTarget
    var headers: [(name: String, value: String)]
    var body: [UInt8] = []
    /// Bytes that came after the limit and were dropped.
    var dropped = 0
  }

  init(
    descriptor: CInt, peer: Peer, limits: HTTPLimits, loop: EventLoop,
    library: OpaquePointer,
    now: Instant, soon: @escaping () -> Void,
    later: @escaping (@escaping () -> Void) -> Void
  ) {
    self.descriptor = descriptor
    self.peer = peer
    self.limits = limits
    self.loop = loop
    unsafe self.library = unsafe library
    self.soon = soon
    self.later = later
    phase = .reading(since: now)
  }

  /// Has the library leave the socket alone until `resume`. It then also stops looking at it, so we watch for the
  /// end: EPOLLHUP of a Unix socket means that the peer closed it, not that it merely finished writing.
  func suspend() {
    guard !suspended else { return }
    suspended = true
    unsafe MHD_suspend_connection(library)
    // Without memory for the watch only the early notice is lost: the next write finds out.
    hangup = try? loop.watch(descriptor, []) { [weak self] _ in self?.exchange?.breakOff() }
  }

  /// Has the library ask for the answer, or for the next piece of it.
  func resume() {
    guard suspended else { return }
    suspended = false
    hangup?.cancel()
    hangup = nil
    unsafe MHD_resume_connection(library)
    // Without a thread of its own the library has nothing to wake the loop with.
    soon()
  }

  /// Ends the connection from our side; the library finds it ended.
  func abandon() {
    shutdown(descriptor, CInt(SHUT_RDWR))
    resume()
  }

  /// The exchange is over; the next request may come.
  func reset(now: Instant) {
    hangup?.cancel()
    hangup = nil
    target = ""
    draft = nil
    exchange = nil
    phase = .reading(since: now)
  }
}
