// Taking connections in, and putting those out that do not finish a request. Must never wait for a client.

internal import CMicroHTTPD
internal import Glibc
internal import NovaLinux
internal import NovaModel

extension HTTPServer {
  func accept(from listening: HTTPListening) {
    // 64 a turn: a storm of connections does not keep the loop from the workers.
    for _ in 0..<64 {
      // A request that was read with its connection may have ended it.
      guard listening.isOpen else { return }
      let descriptor = nova_http_accept(listening.descriptor)
      if descriptor >= 0 {
        take(descriptor, from: listening)
        continue
      }
      switch errno {
      case EAGAIN: return
      case EINTR, ECONNABORTED: continue
      default:
        // Out of descriptors or memory: the listener would stay readable, so it rests for 100 ms.
        listening.source?.setInterest([])
        if resting.isEmpty { breath?.arm(at: Clock.now().instant + .milliseconds(100)) }
        resting.append(listening)
        return
      }
    }
  }

  /// Those that rested are heard again.
  func endRest() {
    for listening in resting { listening.source?.setInterest(.readable) }
    resting = []
  }

  private func take(_ descriptor: CInt, from listening: HTTPListening) {
    guard let peer = listening.peer(of: descriptor) else {
      _ = Glibc.close(descriptor)
      return
    }
    let room = limits.connections + (peer.isOperator ? HTTPServer.reserve : 0)
    guard connectionCount < room,
      connectionsOfPeer[peer.quota, default: 0] < limits.connectionsPerUser
    else {
      SocketFile.refuse(descriptor)
      return
    }
    if tunnels != nil, case .worker(let name) = peer {
      greet(descriptor, name)
    } else {
      hand(descriptor, peer, isPort: listening.isPort)
    }
  }

  /// To the library, whose it is from now on.
  func hand(_ descriptor: CInt, _ peer: Peer, isPort: Bool) {
    guard let library = unsafe self.library else {
      _ = Glibc.close(descriptor)
      return
    }
    seed = (descriptor, peer)
    // Refused or not, the library owns the descriptor now.
    _ =
      unsafe isPort
      ? nova_http_add_port(library, descriptor) : nova_http_add(library, descriptor)
    seed = nil
    armSweep()
    run()
  }

  /// Lets the library do what is ready, then makes the calls that were put off, then sets its timer.
  func run() {
    guard !inside, let library = unsafe self.library else { return }
    inside = true
    runWanted = false
    unsafe nova_http_run(library)
    inside = false
    let wait = runWanted ? 0 : unsafe nova_http_timeout(library)
    // A turn too many of the library is cheaper than to tell the kernel of each time that is put off.
    if wait >= 0 { due?.arm(at: Clock.now().instant + .milliseconds(wait), lazily: true) }
    runAfterwards()
    if closeWanted {
      closeWanted = false
      close()
    }
  }

  /// Runs in the next turn: whoever answers an exchange is not to find another's handler below his call.
  func runSoon() {
    runWanted = true
    if !inside { due?.arm(at: Clock.now().instant) }
  }

  /// Calls of users wait until the library has returned, so that they may do anything.
  func runAfterwards() {
    while !afterwards.isEmpty {
      let calls = afterwards
      afterwards = []
      for call in calls { call() }
    }
  }

  func armSweep() {
    guard !sweepArmed else { return }
    sweepArmed = true
    sweep?.arm(at: Clock.now().instant + limits.requestTimeout)
  }

  /// A client that sends a byte now and then keeps the library's idle timer at bay; this limit counts from the start.
  func sweepOverdue() {
    sweepArmed = false
    let now = Clock.now().instant
    var oldest = now
    for connection in connections.values {
      guard let since = connection.waitsSince else { continue }
      if now - since >= limits.requestTimeout {
        connection.abandon()
      } else {
        oldest = min(oldest, since)
      }
    }
    for newcomer in newcomers.values {
      if now - newcomer.since >= limits.requestTimeout {
        drop(newcomer)
      } else {
        oldest = min(oldest, newcomer.since)
      }
    }
    if connectionCount > 0 {
      sweepArmed = true
      sweep?.arm(at: oldest + limits.requestTimeout)
    }
    run()
  }
}
