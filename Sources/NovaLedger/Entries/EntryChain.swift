// The chain of hashes over the entries: each covers the whole row and the hash before it, so that a row cannot be
// altered, left out or moved without breaking the chain there. Must never depend on how SQLite stores a row.

internal import CCrypto
internal import NovaModel

/// The end of the chain: where the next entry goes.
struct EntryChain {
  /// The id of the last entry, 0 before the first.
  var lastID: Int64 = 0
  /// Its hash; 32 zeros before the first.
  var lastHash = [UInt8](repeating: 0, count: 32)
  private var buffer: [UInt8] = []

  init() { buffer.reserveCapacity(512) }

  /// Where the entries of a database end.
  static func end(of connection: borrowing Connection) throws(LedgerError) -> EntryChain {
    var chain = EntryChain()
    var last = try connection.prepare("SELECT id, hash FROM entry ORDER BY id DESC LIMIT 1")
    try last.query { row in
      chain.lastID = row.integer(0)
      chain.lastHash = row.blob(1)
    }
    return chain
  }

  /// The hash of an entry in its place after `previous`. The id is not part of it: the place in the chain is.
  mutating func hash(of columns: [Value], after previous: [UInt8]) -> [UInt8] {
    buffer.removeAll(keepingCapacity: true)
    for column in columns.dropFirst() { append(column) }
    var digest = [UInt8](repeating: 0, count: 32)
    unsafe previous.withUnsafeBytes { before in
      unsafe buffer.withUnsafeBytes { row in
        // SAFETY: both pieces are read, 32 bytes are written, nothing is kept.
        unsafe nova_sha256(
          before.baseAddress, before.count, row.baseAddress, row.count, &digest)
      }
    }
    return digest
  }

  /// A type, and the value in eight bytes or with its length: no two rows have the same bytes.
  private mutating func append(_ value: Value) {
    switch value {
    case .null: buffer.append(0)
    case .integer(let number):
      buffer.append(1)
      append(UInt64(bitPattern: number))
    case .text(let text):
      buffer.append(2)
      append(UInt64(text.utf8.count))
      buffer.append(contentsOf: text.utf8)
    case .blob(let bytes):
      buffer.append(3)
      append(UInt64(bytes.count))
      buffer.append(contentsOf: bytes)
    }
  }

  private mutating func append(_ number: UInt64) {
    for shift in stride(from: 56, through: 0, by: -8) {
      buffer.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
    }
  }
}
