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

  /// The hash of an entry in its place after `previous`, into `digest`, which is 32 bytes long. The id is no part of the
  /// row: the place in the chain is.
  static func hash(
    of row: borrowing FlatRow, after previous: [UInt8], into digest: inout [UInt8]
  ) {
    unsafe previous.withUnsafeBytes { before in
      unsafe row.bytes.withUnsafeBytes { row in
        // SAFETY: both pieces are read, 32 bytes are written, nothing is kept.
        unsafe nova_sha256(
          before.baseAddress, before.count, row.baseAddress, row.count, &digest)
      }
    }
  }

  /// The same for a row as it was read, all its columns with the id first.
  static func hash(of columns: [Value], after previous: [UInt8]) -> [UInt8] {
    var row = FlatRow()
    for column in columns.dropFirst() { row.append(column) }
    var digest = [UInt8](repeating: 0, count: 32)
    hash(of: row, after: previous, into: &digest)
    return digest
  }
}
