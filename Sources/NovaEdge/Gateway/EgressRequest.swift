// `CONNECT host:port HTTP/1.1` and its headers, read from bytes as they come. Must never guess: what is not exactly that is
// refused, and nothing of it is repeated to anybody.

/// What a worker asks for by CONNECT.
struct EgressRequest: Sendable, Hashable {
  /// In lower case, a numeric IPv6 address without its brackets.
  var host: String
  var port: UInt16

  /// Of the request line and its headers together.
  static let most = 8192

  /// What the bytes so far are.
  enum Reading: Sendable, Hashable {
    /// It goes on.
    case more
    /// It is whole; so many bytes of them are it.
    case whole(EgressRequest, length: Int)
    case malformed
    case tooLong
  }

  /// Reads all that came so far; of it `known` bytes were read before and were not all.
  static func read(_ bytes: [UInt8], known: Int = 0) -> Reading {
    guard let end = end(of: bytes, from: known) else {
      return bytes.count >= most ? .tooLong : .more
    }
    guard end <= most else { return .tooLong }
    let lines = split(bytes[..<(end - 4)])
    guard let first = lines.first, lines.dropFirst().allSatisfy(isHeader),
      let request = EgressRequest(line: first)
    else { return .malformed }
    return .whole(request, length: end)
  }

  /// After the empty line.
  private static func end(of bytes: [UInt8], from known: Int) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for at in max(3, min(known, bytes.count))..<bytes.count where bytes[at] == 0x0A {
      if bytes[at - 3] == 0x0D, bytes[at - 2] == 0x0A, bytes[at - 1] == 0x0D { return at + 1 }
    }
    return nil
  }

  private static func split(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = bytes.startIndex
    for at in bytes.indices.dropLast() where bytes[at] == 0x0D && bytes[at + 1] == 0x0A {
      lines.append(bytes[start..<at])
      start = at + 2
    }
    lines.append(bytes[start...])
    return lines
  }

  /// `Name: value` without a control character; whatever it says.
  private static func isHeader(_ line: ArraySlice<UInt8>) -> Bool {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
      return false
    }
    return line[..<colon].allSatisfy { $0 > 0x20 && $0 < 0x7F }
      && line[colon...].allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
  }

  private init?(line: ArraySlice<UInt8>) {
    let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard words.count == 3, words[0].elementsEqual("CONNECT".utf8),
      words[2].elementsEqual("HTTP/1.1".utf8) || words[2].elementsEqual("HTTP/1.0".utf8)
    else { return nil }
    self.init(place: words[1])
  }

  /// `host:port` or `[address]:port`, the port in its one decimal form.
  init?(place: some Collection<UInt8>) {
    let bytes = Array(place)
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return nil }
    let digits = String(decoding: bytes[(colon + 1)...], as: UTF8.self)
    guard let port = UInt16(digits), port > 0, String(port) == digits else { return nil }
    var host = bytes[..<colon]
    let isBracketed = host.first == UInt8(ascii: "[") && host.last == UInt8(ascii: "]")
    if isBracketed { host = host.dropFirst().dropLast() }
    let others = isBracketed ? ":." : ".-"
    guard !host.isEmpty, host.count <= 255,
      host.allSatisfy({ byte in
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
          || others.utf8.contains(byte)
      })
    else { return nil }
    self.host = String(decoding: host, as: UTF8.self).lowercased()
    self.port = port
  }

  /// As it stands in a configuration.
  var text: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
}
