// The request target, from bytes to path and query (RFC 3986, and `+` for a blank in the query as forms send it).
// Must never guess: a target that does not decode to UTF-8, or hides a control character in its path, is refused.

/// A decoded request target.
struct RequestTarget: Equatable {
  let path: String
  let query: [(String, String)]

  /// Decodes `raw`; nil for what no honest client sends.
  init?(_ raw: String) {
    var bytes = Array(raw.utf8)[...]
    // The absolute form, http://nova/v1/workers, is what a proxy sends.
    if let first = bytes.first, first != slash, first != star {
      guard let end = RequestTarget.authorityEnd(bytes) else { return nil }
      bytes = bytes[end...]
      if bytes.first != slash { bytes = [slash] + bytes }
    }
    let pathBytes = bytes.prefix { $0 != questionMark }
    guard let path = RequestTarget.decode(pathBytes, plusIsBlank: false), !path.isEmpty else {
      return nil
    }
    var pairs: [(String, String)] = []
    for part in bytes.dropFirst(pathBytes.count + 1).split(separator: ampersand) {
      let key = part.prefix { $0 != equals }
      guard let name = RequestTarget.decode(key, plusIsBlank: true),
        let value = RequestTarget.decode(part.dropFirst(key.count + 1), plusIsBlank: true)
      else { return nil }
      pairs.append((name, value))
    }
    self.path = path
    self.query = pairs
  }

  static func == (a: RequestTarget, b: RequestTarget) -> Bool {
    a.path == b.path && a.query.elementsEqual(b.query, by: ==)
  }

  private static func authorityEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
    for scheme in ["http://", "https://"] where bytes.starts(with: scheme.utf8) {
      let rest = bytes.dropFirst(scheme.utf8.count)
      return rest.firstIndex { $0 == slash || $0 == questionMark } ?? rest.endIndex
    }
    return nil
  }

  private static func decode(_ bytes: ArraySlice<UInt8>, plusIsBlank: Bool) -> String? {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var at = bytes.startIndex
    while at < bytes.endIndex {
      var byte = bytes[at]
      if byte == percent {
        guard at + 2 < bytes.endIndex, let high = digit(bytes[at + 1]),
          let low = digit(bytes[at + 2])
        else { return nil }
        byte = high << 4 | low
        at += 2
      } else if byte == plus, plusIsBlank {
        byte = blank
      }
      // A zero byte would end the text early for any C function after us; no route holds a control character.
      guard byte != 0, plusIsBlank || (byte >= 0x20 && byte != 0x7f) else { return nil }
      decoded.append(byte)
      at += 1
    }
    return String(validating: decoded, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

private let slash = UInt8(ascii: "/")
private let star = UInt8(ascii: "*")
private let questionMark = UInt8(ascii: "?")
private let ampersand = UInt8(ascii: "&")
private let equals = UInt8(ascii: "=")
private let percent = UInt8(ascii: "%")
private let plus = UInt8(ascii: "+")
private let blank = UInt8(ascii: " ")
