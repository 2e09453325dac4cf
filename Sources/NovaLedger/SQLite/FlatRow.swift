// A row as one piece of memory: each value with its type, so that what a hash covers is to the byte what is bound. Kept and
// filled again for every row: a storm of entries allocates nothing here. Must never give two different rows the same bytes.

/// A row on its way to a statement.
struct FlatRow {
  /// Type, and the value in eight bytes or with its length; numbers big-endian.
  private(set) var bytes: [UInt8] = []
  private(set) var places: [Place] = []

  /// Where a value is.
  enum Place {
    case null
    case integer(Int64)
    case text(offset: Int, count: Int)
    case blob(offset: Int, count: Int)
  }

  init() {
    bytes.reserveCapacity(512)
    places.reserveCapacity(32)
  }

  /// Begins another row.
  mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
  }

  /// NULL.
  mutating func appendNull() {
    bytes.append(0)
    places.append(.null)
  }

  /// A number.
  mutating func append(_ number: Int64) {
    bytes.append(1)
    append(bits: UInt64(bitPattern: number))
    places.append(.integer(number))
  }

  /// A number or NULL.
  mutating func append(_ number: Int64?) {
    if let number { append(number) } else { appendNull() }
  }

  /// A text.
  mutating func append(_ text: String) {
    bytes.append(2)
    append(bits: UInt64(text.utf8.count))
    places.append(.text(offset: bytes.count, count: text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// A text or NULL.
  mutating func append(_ text: String?) {
    if let text { append(text) } else { appendNull() }
  }

  /// A value as it was read.
  mutating func append(_ value: Value) {
    switch value {
    case .null: appendNull()
    case .integer(let number): append(number)
    case .text(let text): append(text)
    case .blob(let blob):
      bytes.append(3)
      append(bits: UInt64(blob.count))
      places.append(.blob(offset: bytes.count, count: blob.count))
      bytes.append(contentsOf: blob)
    }
  }

  private mutating func append(bits: UInt64) {
    unsafe withUnsafeBytes(of: bits.bigEndian) { unsafe bytes.append(contentsOf: $0) }
  }
}
