// Digests and random texts, by libcrypto. Must never be compared with ==: that tells where two values differ.

internal import CCrypto

/// The primitives the edge uses.
enum Crypto {
  /// SHA-256; nil when the library refuses, which a caller takes as "no".
  static func digest(_ bytes: [UInt8]) -> [UInt8]? {
    var out = [UInt8](repeating: 0, count: 32)
    return unsafe nova_crypto_sha256(bytes, bytes.count, &out) == 1 ? out : nil
  }

  /// HMAC-SHA-256 (RFC 2104).
  static func authenticate(_ bytes: [UInt8], key: [UInt8]) -> [UInt8]? {
    var out = [UInt8](repeating: 0, count: 32)
    return unsafe nova_crypto_hmac(key, key.count, bytes, bytes.count, &out) == 1 ? out : nil
  }

  /// Whether both are the same, in a time that depends on their length alone.
  static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && (unsafe nova_crypto_equal(a, b, a.count) == 1)
  }

  /// Bytes that nobody can guess; nil when the system has none.
  static func random(_ count: Int) -> [UInt8]? {
    var out = [UInt8](repeating: 0, count: count)
    return unsafe nova_crypto_random(&out, count) == 1 ? out : nil
  }

  /// Lower-case hexadecimal.
  static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The bytes of hexadecimal digits; nil for anything else.
  static func bytes(hex text: some StringProtocol) -> [UInt8]? {
    let digits = text.utf8.map { digit -> UInt8? in
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
      default: nil
      }
    }
    guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
    let values = digits.compactMap(\.self)
    return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
  }
}
