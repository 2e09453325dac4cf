// A listening TCP port. Must never be opened unless the configuration names the address.

internal import CMicroHTTPD
internal import Glibc
internal import NovaLinux

/// `HOST:PORT`, split.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  /// A name, or a numeric address without brackets.
  package var host: String
  /// 1 to 65535, or 0 for one the kernel chooses.
  package var port: UInt16

  /// Reads `127.0.0.1:7480`, `[::1]:7480` or `localhost:7480`; nil for anything else.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self.host = String(host)
    self.port = port
  }

  /// As it stands in a URL.
  package var description: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
}

/// A listening socket on TCP.
final class PortListener {
  private let descriptor: Descriptor
  /// The port; the kernel's choice where 0 was asked for.
  let port: UInt16

  /// Listens. A name is looked up in place, which may take as long as the resolver does: meant for start-up.
  init(_ address: ListenAddress) throws(SystemError) {
    var port = address.port
    let number = unsafe nova_http_listen(address.host, &port)
    guard number >= 0 else {
      throw SystemError(call: "listen on", number: -number, subject: address.description)
    }
    descriptor = Descriptor(number)
    self.port = port
  }

  /// The listening descriptor.
  func raw() -> CInt { descriptor.raw() }

  /// The numeric address at the other end; nil when it is gone.
  static func peer(of socket: CInt) -> String? {
    var room = [CChar](repeating: 0, count: 64)
    guard unsafe nova_http_peer(socket, &room, room.count) == 0 else { return nil }
    return String(decoding: room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
