// One descriptor that a server takes connections from, and who is on them: its own socket, or a further one that was handed
// to it with a name. Must never ask a client who it is.

internal import CMicroHTTPD
internal import Glibc
package import NovaLinux

/// A further listener of a server; it is listened to until `end`, or until the server closes.
package final class HTTPListening {
  /// By what the connections of a listener are told apart.
  enum Kind {
    /// A Unix socket: each by its process.
    case file
    /// A port: each by its address.
    case port
    /// All of them are that worker's.
    case worker(String)
  }

  let kind: Kind
  let descriptor: CInt
  private var owned: DescriptorBox?
  var source: Source?

  /// One that belongs to somebody who outlives it.
  init(_ kind: Kind, borrowing descriptor: CInt) {
    self.kind = kind
    self.descriptor = descriptor
  }

  /// One of its own, which must not make an accept(2) wait, whoever made it.
  init(_ kind: Kind, owning descriptor: consuming Descriptor) throws(SystemError) {
    self.kind = kind
    let box = DescriptorBox(descriptor)
    self.descriptor = box.raw()
    owned = box
    let number = box.raw()
    let flags = try checked("look at", "listener \(number)") { fcntl(number, F_GETFL) }
    _ = try checked("set up", "listener \(number)") { fcntl(number, F_SETFL, flags | O_NONBLOCK) }
  }

  /// Takes no more connections from it and closes it; those that are there end by themselves. Harmless when repeated.
  package func end() {
    source?.cancel()
    source = nil
    owned = nil
  }

  /// Whether it can still be asked for connections.
  var isOpen: Bool { source != nil }

  /// Who is on a connection that came from it; nil when it is gone.
  func peer(of connection: CInt) -> Peer? {
    switch kind {
    case .file: (try? PeerIdentity.of(socket: connection)).map { .process($0) }
    case .port: PortListener.peer(of: connection).map { .address($0) }
    case .worker(let name): .worker(name)
    }
  }

  /// Whether the library is to be told that it is TCP.
  var isPort: Bool { if case .file = kind { false } else { true } }
}

extension HTTPServer {
  /// Takes connections from a further listening TCP socket too: whoever is on them is `worker`, whatever it says. The
  /// descriptor is the server's from now on. Lasts until `end` of the answer; keep it.
  package func listenAlso(
    on descriptor: consuming Descriptor, as worker: String
  ) throws(SystemError) -> HTTPListening {
    let listening = try HTTPListening(.worker(worker), owning: descriptor)
    try watch(listening)
    others.removeAll { !$0.isOpen }
    others.append(listening)
    return listening
  }

  /// Has the loop look for connections on it.
  func watch(_ listening: HTTPListening) throws(SystemError) {
    listening.source = try loop.watch(listening.descriptor, .readable) {
      [weak self, weak listening] _ in
      guard let self, let listening else { return }
      accept(from: listening)
    }
  }
}
