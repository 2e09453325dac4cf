// SHA-256 for who may not open the door to libcrypto. Must never be used to compare secrets byte by byte.

internal import CCrypto

/// Digests.
package enum Digest {
  /// The SHA-256 of both pieces, one after the other: 32 bytes.
  package static func sha256(_ first: [UInt8], _ second: [UInt8] = []) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    unsafe first.withUnsafeBytes { a in
      unsafe second.withUnsafeBytes { b in
        // SAFETY: both pieces are read, 32 bytes are written, nothing is kept.
        unsafe nova_sha256(a.baseAddress, a.count, b.baseAddress, b.count, &digest)
      }
    }
    return digest
  }

  /// Two lower-case hexadecimal digits a byte.
  package static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
