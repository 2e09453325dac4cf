// What a probe may look at: a port or a URL on this machine, nothing else. Must never ask a name server.

internal import Glibc

/// A probe that cannot be made.
package struct ProbeError: Error, Sendable, Hashable {
  /// For people: `cannot check http://x/: why (what to do)`.
  package let message: String

  init(_ message: String) { self.message = message }
}

/// What a single look found.
package enum ProbeOutcome: Sendable, Hashable {
  case ok
  /// Why not, such as `check timed out after 3s`, `connection refused` or `status 503`.
  case failed(String)
}

/// A loopback address to look at; specifiers are expanded before.
package enum ProbeTarget: Sendable, Hashable {
  /// Can be connected to.
  case tcp(Loopback)
  /// Answers a GET with a status of 200 to 399.
  case http(String)

  /// A port on loopback.
  package struct Loopback: Sendable, Hashable {
    /// 127.x.y.z in host order; nil is ::1.
    package let address: UInt32?
    package let port: UInt16
  }

  /// Reads `PORT`, `127.0.0.1:PORT`, `localhost:PORT` or `[::1]:PORT`; localhost is 127.0.0.1 here.
  package static func parse(tcp text: String) throws(ProbeError) -> ProbeTarget {
    let bare = !text.isEmpty && text.utf8.allSatisfy(isDigit)
    let (host, port) = try split(bare ? "127.0.0.1:" + text : text, about: text)
    guard let port else {
      throw ProbeError("cannot check '\(text)': it has no port (use 1 to 65535)")
    }
    return .tcp(Loopback(address: try loopback(host, about: text), port: port))
  }

  /// Reads an `http://` or `https://` URL whose host is 127.0.0.0/8, [::1] or localhost.
  package static func parse(http text: String) throws(ProbeError) -> ProbeTarget {
    let lower = text.lowercased()
    guard let scheme = ["http://", "https://"].first(where: { lower.hasPrefix($0) }) else {
      throw ProbeError("cannot check '\(text)': not an http URL (write http://127.0.0.1:PORT/PATH)")
    }
    // What two parsers could read differently is refused, so that libcurl sees the host that was judged here.
    let plain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }
    guard plain, text.utf8.count <= 2048 else {
      throw ProbeError("cannot check '\(text)': a character no URL holds (percent-encode it)")
    }
    let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    guard !authority.contains("@") else {
      throw ProbeError(
        "cannot check '\(text)': a user name in a URL is not supported (leave it out)")
    }
    let (host, _) = try split(String(authority), about: text)
    _ = try loopback(host, about: text)
    return .http(text)
  }

  private static func split(
    _ place: String, about text: String
  ) throws(ProbeError) -> (host: String, port: UInt16?) {
    let bracket = place.lastIndex(of: "]") ?? place.startIndex
    guard let colon = place[bracket...].lastIndex(of: ":") else { return (place, nil) }
    let port = place[place.index(after: colon)...]
    guard port.utf8.allSatisfy(isDigit), let number = UInt16(port), number > 0 else {
      throw ProbeError("cannot check '\(text)': '\(port)' is not a port (use 1 to 65535)")
    }
    return (String(place[..<colon]), number)
  }

  private static func loopback(_ host: String, about text: String) throws(ProbeError) -> UInt32? {
    if host.lowercased() == "localhost" { return 0x7f00_0001 }
    if host == "[::1]" { return nil }
    var address = in_addr()
    // inet_pton takes four decimal numbers only: `127.1` and `0x7f.1` are as strange to it as a name.
    if unsafe inet_pton(AF_INET, host, &address) == 1,
      UInt32(bigEndian: address.s_addr) >> 24 == 127
    {
      return UInt32(bigEndian: address.s_addr)
    }
    throw ProbeError(
      "cannot check '\(text)': '\(host)' is not this machine (use 127.0.0.1, [::1] or localhost)")
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }
}
