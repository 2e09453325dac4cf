// Who is at the other end of a connection. Must never believe anything the client says about itself.

package import NovaLinux

/// The other end: a process of this machine, an address, or a worker in a network of its own.
package enum Peer: Sendable, Hashable {
  /// By the kernel's word for a Unix socket.
  case process(PeerIdentity)
  /// A numeric address such as `192.0.2.7` or `::1`, as the kernel says; whoever it is.
  case address(String)
  /// A process of that worker, by the listener that it came from: nobody else can reach it.
  case worker(String)

  /// The process behind a Unix socket; nil otherwise.
  package var process: PeerIdentity? {
    if case .process(let identity) = self { identity } else { nil }
  }

  /// Root, or the user that this program runs as.
  var isOperator: Bool { process.map { $0.uid == 0 || $0.uid == OwnProcess.uid } ?? false }

  /// Whose connections are counted together.
  enum Quota: Hashable {
    case uid(UInt32)
    case address(String)
    case worker(String)
  }

  var quota: Quota {
    switch self {
    case .process(let identity): .uid(identity.uid)
    case .address(let text): .address(text)
    case .worker(let name): .worker(name)
    }
  }
}
