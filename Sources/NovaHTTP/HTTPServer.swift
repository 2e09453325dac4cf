// An HTTP server on a Unix socket or a TCP port: accepts, identifies the peer by the kernel's word, has libmicrohttpd
// read and write HTTP/1.1 on the event loop's thread, and hands whole requests to one handler.
// Must never block, make a thread, or judge rights.

internal import CMicroHTTPD
internal import Glibc
package import NovaLinux
internal import NovaModel

/// An HTTP server. Belongs to the loop's thread.
@safe package final class HTTPServer {
  /// Connections beyond the limit for root and our own user, whatever the others hold.
  static let reserve = 32
  /// What is handed to the library at once: a socket takes some 200 KB, and a write of less costs the same call.
  static let block = 65_536

  let loop: EventLoop
  let limits: HTTPLimits
  let handler: (Exchange) -> Void
  /// Exactly one of the two is there.
  let file: SocketFile?
  let port: PortListener?
  private let hooks: UnsafeMutablePointer<nova_http_hooks>
  var library: OpaquePointer?
  /// Its own socket, and further ones.
  var own: HTTPListening?
  var others: [HTTPListening] = []
  /// Those that are given a moment: there was no descriptor left for who connected.
  var resting: [HTTPListening] = []
  var ready: Source?
  var due: Timer?
  var sweep: Timer?
  var sweepArmed = false
  var breath: Timer?
  /// The socket that is being handed to the library in this moment.
  var seed: (descriptor: CInt, peer: Peer)?
  var connections: [CInt: Connection] = [:]
  /// Connections of workers that have not said yet whether they want a tunnel.
  var newcomers: [CInt: Newcomer] = [:]
  /// Gets each connection of a further listener that begins with `CONNECT `, nothing of it read, and its worker. Nil: they
  /// are requests like others.
  package var tunnels: ((_ connection: consuming Descriptor, _ worker: String) -> Void)?
  var connectionsOfPeer: [Peer.Quota: Int] = [:]
  /// Of bodies that are being read or answered.
  var bodyBytes = 0
  var inside = false
  var runWanted = false
  var closeWanted = false
  /// `close` has begun: what still comes in is told so.
  var isClosing = false
  var afterwards: [() -> Void] = []

  /// Listens on `socketPath` with access `mode` (octal, umask not applied). A socket that nobody answers on is
  /// replaced; one that a live server answers on is refused with EADDRINUSE. Calls socket(2), bind(2), listen(2).
  package convenience init(
    loop: EventLoop, socketPath: String, mode: UInt32, limits: HTTPLimits = HTTPLimits(),
    handler: @escaping (Exchange) -> Void
  ) throws(SystemError) {
    try self.init(
      loop, SocketFile(path: socketPath, mode: mode), nil, name: socketPath, limits, handler)
  }

  /// Listens on a TCP port. Calls getaddrinfo(3), socket(2), bind(2), listen(2).
  package convenience init(
    loop: EventLoop, address: ListenAddress, limits: HTTPLimits = HTTPLimits(),
    handler: @escaping (Exchange) -> Void
  ) throws(SystemError) {
    try self.init(
      loop, nil, PortListener(address), name: address.description, limits, handler)
  }

  private init(
    _ loop: EventLoop, _ file: consuming SocketFile?, _ port: PortListener?,
    name: String, _ limits: HTTPLimits, _ handler: @escaping (Exchange) -> Void
  ) throws(SystemError) {
    self.loop = loop
    self.limits = limits
    self.handler = handler
    self.file = file
    self.port = port
    unsafe hooks = .allocate(capacity: 1)
    unsafe hooks.initialize(to: nova_http_hooks())
    unsafe hooks.initialize(
      to: HTTPServer.callbacks(for: Unmanaged.passUnretained(self).toOpaque()))
    let started = unsafe nova_http_start(
      hooks, limits.headers, CUnsignedInt(limits.connections + HTTPServer.reserve + 8),
      HTTPServer.wholeSeconds(limits))
    guard let started = unsafe started else {
      throw SystemError(call: "start the HTTP server on", number: ENOMEM, subject: name)
    }
    unsafe library = started
    due = try loop.timer { [weak self] in self?.run() }
    sweep = try loop.timer { [weak self] in self?.sweepOverdue() }
    breath = try loop.timer { [weak self] in self?.endRest() }
    ready = try loop.watch(unsafe nova_http_epoll(started), .readable) {
      [weak self] _ in
      self?.run()
    }
    let own = HTTPListening(
      self.file == nil ? .port : .file, borrowing: self.file?.raw() ?? port?.raw() ?? -1)
    self.own = own
    try watch(own)
  }

  /// The TCP port it listens on; nil on a Unix socket.
  package var portNumber: UInt16? { port?.port }

  /// How many connections are open.
  package var connectionCount: Int { connections.count + newcomers.count }

  /// Stops accepting, removes the socket file if it is still ours, answers 503 to what waits, ends streams, and
  /// closes every connection. Harmless when repeated.
  package func close() {
    if inside {
      closeWanted = true
      return
    }
    guard let library = unsafe self.library else { return }
    isClosing = true
    own?.end()
    for listening in others { listening.end() }
    others = []
    resting = []
    breath?.disarm()
    file?.remove()
    for newcomer in newcomers.values { drop(newcomer) }
    for connection in connections.values { connection.exchange?.conclude() }
    // Twice: one turn resumes and queues, the next one writes what the sockets take at once. Then the rest
    // is abandoned: the library refuses to stop while a connection is suspended.
    run()
    run()
    for connection in connections.values { connection.abandon() }
    run()
    ready?.cancel()
    due?.disarm()
    sweep?.disarm()
    inside = true
    unsafe self.library = nil
    unsafe MHD_stop_daemon(library)
    inside = false
    runAfterwards()
  }

  deinit {
    closeWanted = false
    close()
    unsafe hooks.deinitialize(count: 1)
    unsafe hooks.deallocate()
  }

  private static func wholeSeconds(_ limits: HTTPLimits) -> CUnsignedInt {
    // The library's own limit guards writing to a client that does not read; never shorter than a second.
    CUnsignedInt(clamping: max(1, limits.requestTimeout.wholeSeconds))
  }
}
