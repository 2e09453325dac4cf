// FNV-1a, the hash for numbers and names that are stored or shown and must be the same after a restart.
// Must never guard anything: whoever chooses the input can choose the hash.

/// A running hash over bytes (draft-eastlake-fnv): 32, 64 or 128 bits wide.
package struct FNV1a<Word: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable, Hashable {
  /// The hash so far.
  package private(set) var value: Word
  private let prime: Word

  private init(basis: Word, prime: Word) {
    value = basis
    self.prime = prime
  }

  /// Takes one more byte.
  package mutating func add(_ byte: UInt8) {
    value = (value ^ Word(truncatingIfNeeded: byte)) &* prime
  }

  /// Takes the bytes of a text.
  package mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte) }
  }

  /// All digits of it, in hexadecimal: 8, 16 or 32.
  package var hexadecimal: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: Word.bitWidth / 4 - digits.count) + digits
  }
}

extension FNV1a where Word == UInt32 {
  /// Of a text, in 32 bits.
  package init(_ text: String) {
    self.init(basis: 0x811C_9DC5, prime: 0x0100_0193)
    add(text)
  }
}

extension FNV1a where Word == UInt64 {
  /// Of a text, in 64 bits.
  package init(_ text: String) {
    self.init(basis: 0xCBF2_9CE4_8422_2325, prime: 0x100_0000_01B3)
    add(text)
  }

  /// The same as for every width, without a call for each byte from another room: a thousand workers have a megabyte.
  package mutating func add(_ text: String) {
    for byte in text.utf8 { value = (value ^ UInt64(byte)) &* prime }
  }
}

extension FNV1a where Word == UInt128 {
  /// Of a text, in 128 bits.
  package init(_ text: String) {
    self.init(
      basis: 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D,
      prime: 0x0000_0000_0100_0000_0000_0000_0000_013B)
    add(text)
  }
}
