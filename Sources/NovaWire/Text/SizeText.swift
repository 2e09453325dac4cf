// Sizes as people write them: `64K 512M 2G`, binary units, or plain bytes.
// Must never mean 1000 by K: the kernel's limits are counted in 1024.

/// The text form of a number of bytes.
package enum SizeText {
  private static let suffixes: [UInt8] = Array("KMGTP".utf8)

  /// Reads `65536`, `64K`, `512M`, `2G`, `1T`, `1P`. Nil for anything else and beyond 8 EiB.
  package static func parse(_ text: String) -> UInt64? {
    let bytes = Array(text.utf8)
    var index = 0
    guard bytes.count <= 32, let number = Digits.take(bytes, &index) else { return nil }
    if index == bytes.count { return UInt64(number) }
    guard index == bytes.count - 1, let power = suffixes.firstIndex(of: bytes[index]) else {
      return nil
    }
    let (value, over) = UInt64(number).multipliedReportingOverflow(by: 1 << (10 * (power + 1)))
    return over ? nil : value
  }

  /// Writes bytes for people: `512M` when that is exact, else one decimal rounded down: `531.2M`, `1023`.
  package static func print(_ bytes: UInt64) -> String {
    var power = 0
    while power < suffixes.count, bytes >> (10 * (power + 1)) > 0 { power += 1 }
    guard power > 0 else { return String(bytes) }
    let shift = UInt64(10 * power)
    let whole = bytes >> shift
    // The remainder is below 2^50, so ten times it fits.
    let tenth = ((bytes & ((1 << shift) - 1)) * 10) >> shift
    let suffix = String(decoding: [suffixes[power - 1]], as: UTF8.self)
    return tenth == 0 ? "\(whole)\(suffix)" : "\(whole).\(tenth)\(suffix)"
  }
}
