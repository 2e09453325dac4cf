// The fork in the road of a worker's connection: what begins with `CONNECT ` is a tunnel and somebody else's, all else is the
// library's, untouched. Must never read a byte of either, nor wait for one.

internal import CMicroHTTPD
internal import Glibc
internal import NovaLinux
internal import NovaModel

/// A worker's connection whose first bytes have not come.
final class Newcomer {
  let descriptor: CInt
  let worker: String
  let since: Instant
  var source: Source?
  /// It is looked at again when there are enough bytes to tell.
  var isPart = false

  init(_ descriptor: CInt, _ worker: String, _ since: Instant) {
    self.descriptor = descriptor
    self.worker = worker
    self.since = since
  }
}

extension HTTPServer {
  private static let word = Array("CONNECT ".utf8)

  /// What the first bytes say.
  private enum Wish {
    case tunnel
    case request
    case silent
    /// They are too few to tell.
    case part
  }

  /// Finds out what a worker's new connection is for, now or when it has said so.
  func greet(_ descriptor: CInt, _ worker: String) {
    let newcomer = Newcomer(descriptor, worker, Clock.now().instant)
    newcomers[descriptor] = newcomer
    let quota = Peer.worker(worker).quota
    connectionsOfPeer[quota, default: 0] += 1
    look(newcomer)
  }

  private func look(_ newcomer: Newcomer) {
    switch wish(newcomer) {
    case .tunnel: settle(newcomer, isTunnel: true)
    case .request: settle(newcomer, isTunnel: false)
    case .silent: follow(newcomer)
    case .part:
      // The second time it is not the number of bytes that woke us, but their end: half a word asks for nothing.
      if newcomer.isPart { return drop(newcomer) }
      newcomer.isPart = true
      wake(newcomer, bytes: Self.word.count)
      follow(newcomer)
    }
  }

  private func wish(_ newcomer: Newcomer) -> Wish {
    var bytes = [UInt8](repeating: 0, count: Self.word.count)
    let count = unsafe nova_http_peek(newcomer.descriptor, &bytes, bytes.count)
    if count < 0, errno == EAGAIN || errno == EINTR { return .silent }
    // The end or an error: the library finds it too.
    guard count > 0, bytes.prefix(count).elementsEqual(Self.word.prefix(count)) else {
      return .request
    }
    return count == Self.word.count ? .tunnel : .part
  }

  private func follow(_ newcomer: Newcomer) {
    armSweep()
    guard newcomer.source == nil else { return }
    newcomer.source = try? loop.watch(newcomer.descriptor, .readable) {
      [weak self, weak newcomer] _ in
      guard let self, let newcomer else { return }
      look(newcomer)
    }
    // Without memory for a watch.
    if newcomer.source == nil { drop(newcomer) }
  }

  /// How many bytes make it readable: else a part of the word would wake the loop without end.
  private func wake(_ newcomer: Newcomer, bytes: Int) {
    var count = CInt(bytes)
    _ = unsafe setsockopt(
      newcomer.descriptor, SOL_SOCKET, SO_RCVLOWAT, &count, socklen_t(MemoryLayout<CInt>.size))
  }

  private func settle(_ newcomer: Newcomer, isTunnel: Bool) {
    forget(newcomer)
    if newcomer.isPart { wake(newcomer, bytes: 1) }
    if isTunnel, let tunnels {
      tunnels(Descriptor(newcomer.descriptor), newcomer.worker)
    } else {
      hand(newcomer.descriptor, .worker(newcomer.worker), isPort: true)
    }
  }

  /// It has said nothing for too long, or the server closes.
  func drop(_ newcomer: Newcomer) {
    forget(newcomer)
    _ = Glibc.close(newcomer.descriptor)
  }

  private func forget(_ newcomer: Newcomer) {
    newcomer.source?.cancel()
    newcomer.source = nil
    newcomers[newcomer.descriptor] = nil
    let quota = Peer.worker(newcomer.worker).quota
    let left = connectionsOfPeer[quota, default: 1] - 1
    connectionsOfPeer[quota] = left > 0 ? left : nil
  }
}
