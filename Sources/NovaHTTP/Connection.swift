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
  private var watch: Source?
  private var suspended = false
  /// The client takes answers in chunks.
  var speaksChunks = false
  /// Suspended where one chunk of a stream has ended and the next may begin.
  private var isBetweenChunks = false
  /// Of the chunk that was begun, what the socket did not take; nothing else may be sent before it.
  private var rest: ArraySlice<UInt8> = []
  /// The library is to go on as soon as the rest is sent.
  private var isAwaited = false
  /// Since when the client has taken nothing of the rest; nil: there is none.
  private var stalledSince: Instant?
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

  /// Since when its client is waited for by us: for a request, or for room for the rest of a chunk. The library's own
  /// limit is for what it sends itself.
  var waitsSince: Instant? {
    if case .reading(let since) = phase { since } else { stalledSince }
  }

  /// Has the library leave the socket alone until `resume`. It then also stops looking at it, so we watch for the
  /// end: EPOLLHUP of a Unix socket means that the peer closed it, not that it merely finished writing.
  /// `betweenChunks`: it was asked for the next piece of a stream, so all before that is sent.
  func suspend(betweenChunks: Bool = false) {
    guard !suspended else { return }
    suspended = true
    isBetweenChunks = betweenChunks && speaksChunks
    unsafe MHD_suspend_connection(library)
    // Without memory for the watch only the early notice is lost: the next write finds out.
    watch = try? loop.watch(descriptor, []) { [weak self] in self?.became($0) }
  }

  /// Has the library ask for the answer, or for the next piece of it.
  func resume() {
    guard suspended else { return }
    guard rest.isEmpty else {
      isAwaited = true
      return
    }
    suspended = false
    isBetweenChunks = false
    isAwaited = false
    watch?.cancel()
    watch = nil
    unsafe MHD_resume_connection(library)
    // Without a thread of its own the library has nothing to wake the loop with.
    soon()
  }

  /// Sends a piece of a stream at once, as a chunk of its own; false: the library has to. By way of the library an event of
  /// a hundred bytes costs five system calls more, which is most of what the gateway adds to it.
  func sendChunk(_ bytes: [UInt8]) -> Bool {
    // A longer one is rare, and would be copied if the socket did not take all of it.
    guard isBetweenChunks, rest.isEmpty, let watch, 1...Connection.shortChunk ~= bytes.count else {
      return false
    }
    var whole = 0
    let sent = unsafe bytes.withUnsafeBytes {
      unsafe nova_http_chunk(descriptor, $0.baseAddress, $0.count, &whole)
    }
    // Not even a byte: whatever is wrong, the library finds it out and can wait.
    guard sent > 0 else { return false }
    if sent < whole {
      let chunk = Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + [0x0D, 0x0A]
      rest = chunk[sent...]
      stalledSince = Clock.now().instant
      watch.setInterest(.writable)
    }
    return true
  }

  /// Bytes of a piece that goes to the socket at once: events are shorter, and a socket takes some 200 KB.
  private static let shortChunk = 16_384

  private func became(_ ready: Interest) {
    guard !rest.isEmpty, ready.contains(.writable) else {
      exchange?.breakOff()
      return
    }
    let sent = unsafe rest.withUnsafeBytes {
      unsafe nova_http_send(descriptor, $0.baseAddress, $0.count)
    }
    if sent < 0 {
      if errno != EAGAIN, errno != EINTR { exchange?.breakOff() }
      return
    }
    rest = rest.dropFirst(sent)
    stalledSince = rest.isEmpty ? nil : Clock.now().instant
    guard rest.isEmpty else { return }
    watch?.setInterest([])
    if isAwaited { resume() }
  }

  /// Ends the connection from our side; the library finds it ended.
  func abandon() {
    forgetRest()
    shutdown(descriptor, CInt(SHUT_RDWR))
    resume()
  }

  private func forgetRest() {
    rest = []
    stalledSince = nil
    isAwaited = false
  }

  /// The exchange is over; the next request may come.
  func reset(now: Instant) {
    watch?.cancel()
    watch = nil
    forgetRest()
    target = ""
    draft = nil
    exchange = nil
    phase = .reading(since: now)
  }
}
