// A prepared statement with exactly one owner, and the row it stands on. Must never outlive the thread's use of its
// connection, and never put a value into an error.

internal import CSQLite

/// A value to bind.
enum Value {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])

  /// The number or NULL.
  static func optional(_ number: Int64?) -> Value { number.map { .integer($0) } ?? .null }
  /// The text or NULL.
  static func optional(_ text: String?) -> Value { text.map { .text($0) } ?? .null }
  /// 1 or 0.
  static func flag(_ on: Bool) -> Value { .integer(on ? 1 : 0) }
  /// A counter; what is beyond 2^63-1 stays there.
  static func counter(_ number: UInt64) -> Value { .integer(Int64(clamping: number)) }
  /// A counter or NULL.
  static func counter(_ number: UInt64?) -> Value { number.map { .counter($0) } ?? .null }
}

/// A compiled statement.
@safe struct Statement: ~Copyable {
  /// Nil after a failed preparation: SQLite answers SQLITE_MISUSE to every use of it.
  private let handle: OpaquePointer?
  private let connection: OpaquePointer

  /// Takes over a compiled statement of `connection`.
  init(_ handle: OpaquePointer?, on connection: OpaquePointer) {
    unsafe self.handle = handle
    unsafe self.connection = connection
  }

  deinit {
    // SAFETY: the only owner; a connection closed before is kept by close_v2 until this call.
    unsafe sqlite3_finalize(handle)
  }

  /// Runs it to its end with these values, ignoring rows.
  mutating func run(_ values: [Value] = []) throws(LedgerError) {
    try query(values) { _ in }
  }

  /// Runs it with these values and hands each row over. Calls `sqlite3_step`.
  mutating func query(_ values: [Value] = [], _ body: (borrowing Row) -> Void) throws(LedgerError) {
    guard let handle = unsafe handle else { throw failure(SQLITE_MISUSE) }
    try bind(values)
    // Reset also on an error, else the statement would hold its transaction open.
    defer {
      unsafe sqlite3_reset(handle)
      unsafe sqlite3_clear_bindings(handle)
    }
    while true {
      let code = unsafe sqlite3_step(handle)
      switch code {
      case SQLITE_ROW: unsafe body(Row(handle))
      case SQLITE_DONE: return
      default: throw failure(code)
      }
    }
  }

  /// Runs it with an id, the values of a row and a last blob. The bytes of `row` are bound where they lie and not copied.
  mutating func run(_ id: Int64, _ row: borrowing FlatRow, _ last: [UInt8]) throws(LedgerError) {
    guard let handle = unsafe handle else { throw failure(SQLITE_MISUSE) }
    precondition(unsafe sqlite3_bind_parameter_count(handle) == Int32(row.places.count + 2))
    let code = unsafe row.bytes.withUnsafeBytes { bytes in
      unsafe last.withUnsafeBytes { last in
        // SAFETY: both pieces outlive the step, and no binding outlives this closure.
        defer { unsafe sqlite3_clear_bindings(handle) }
        var code = unsafe sqlite3_bind_int64(handle, 1, id)
        var place: Int32 = 1
        for value in row.places where code == SQLITE_OK {
          place += 1
          switch value {
          case .null: code = SQLITE_OK
          case .integer(let number): code = unsafe sqlite3_bind_int64(handle, place, number)
          case .text(let offset, let count):
            code = unsafe nova_sqlite3_lend_text(
              handle, place, bytes.baseAddress.map { unsafe $0 + offset }, Int64(count))
          case .blob(let offset, let count):
            code = unsafe nova_sqlite3_lend_blob(
              handle, place, bytes.baseAddress.map { unsafe $0 + offset }, Int64(count))
          }
        }
        if code == SQLITE_OK {
          code = unsafe nova_sqlite3_lend_blob(
            handle, place + 1, last.baseAddress, Int64(last.count))
        }
        guard code == SQLITE_OK else { return code }
        code = unsafe sqlite3_step(handle)
        unsafe sqlite3_reset(handle)
        return code
      }
    }
    guard code == SQLITE_DONE else { throw failure(code) }
  }

  private func bind(_ values: [Value]) throws(LedgerError) {
    let wanted = unsafe sqlite3_bind_parameter_count(handle)
    precondition(wanted == Int32(values.count), "\(values.count) values for \(wanted) places")
    var place: Int32 = 0
    for value in values {
      place += 1
      let code: Int32
      switch value {
      case .null: code = unsafe sqlite3_bind_null(handle, place)
      case .integer(let number): code = unsafe sqlite3_bind_int64(handle, place, number)
      case .text(let text): code = bind(text, at: place)
      case .blob(let bytes): code = bind(bytes, at: place)
      }
      guard code == SQLITE_OK else {
        let error = failure(code)
        unsafe sqlite3_clear_bindings(handle)
        throw error
      }
    }
  }

  private func bind(_ text: String, at place: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { chars in
        // A nil pointer would bind NULL: the empty text is not unknown.
        unsafe chars.baseAddress.map {
          unsafe nova_sqlite3_bind_text(handle, place, $0, Int64(chars.count))
        } ?? nova_sqlite3_bind_text(handle, place, "", 0)
      }
    }
  }

  private func bind(_ bytes: [UInt8], at place: Int32) -> Int32 {
    guard !bytes.isEmpty else { return unsafe sqlite3_bind_zeroblob(handle, place, 0) }
    return unsafe bytes.withUnsafeBytes { raw in
      unsafe nova_sqlite3_bind_blob(handle, place, raw.baseAddress, Int64(raw.count))
    }
  }

  private func failure(_ code: Int32) -> LedgerError {
    // SAFETY: sqlite3_sql gives the text as it was prepared, with question marks for values.
    let sql = unsafe sqlite3_sql(handle).map { unsafe String(cString: $0) }
    let writes = unsafe sqlite3_stmt_readonly(handle) == 0
    return unsafe Connection.error(
      connection, code, doing: writes ? "write the state database" : "read the state database", sql)
  }
}

/// The row a statement stands on; valid only inside `query`'s closure.
@safe struct Row: ~Copyable {
  private let handle: OpaquePointer

  fileprivate init(_ handle: OpaquePointer) { unsafe self.handle = handle }

  /// Column `index` as an integer; NULL reads as 0, so only for NOT NULL columns.
  borrowing func integer(_ index: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, index) }

  /// Column `index` as an integer, nil for NULL.
  borrowing func optionalInteger(_ index: Int32) -> Int64? {
    isNull(index) ? nil : integer(index)
  }

  /// Column `index` as a counter that was written by `Value.counter`.
  borrowing func counter(_ index: Int32) -> UInt64 { UInt64(clamping: integer(index)) }

  /// Column `index` as a counter, nil for NULL.
  borrowing func optionalCounter(_ index: Int32) -> UInt64? { isNull(index) ? nil : counter(index) }

  /// Column `index` as 0 or not.
  borrowing func flag(_ index: Int32) -> Bool { integer(index) != 0 }

  /// Column `index` as text; NULL reads as empty, so only for NOT NULL columns.
  borrowing func text(_ index: Int32) -> String {
    // SAFETY: text first, then its length, as sqlite3_column_blob(3) asks; copied before the next step.
    guard let bytes = unsafe sqlite3_column_text(handle, index) else { return "" }
    let count = Int(unsafe sqlite3_column_bytes(handle, index))
    return unsafe String(
      decoding: UnsafeBufferPointer(start: bytes, count: count), as: Unicode.UTF8.self)
  }

  /// Column `index` as text, nil for NULL.
  borrowing func optionalText(_ index: Int32) -> String? { isNull(index) ? nil : text(index) }

  /// Column `index` as bytes.
  borrowing func blob(_ index: Int32) -> [UInt8] {
    guard let bytes = unsafe sqlite3_column_blob(handle, index) else { return [] }
    let count = Int(unsafe sqlite3_column_bytes(handle, index))
    return unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
  }

  /// The first `count` columns as the values that were bound for them.
  borrowing func values(count: Int32) -> [Value] {
    (0..<count).map { index in
      switch unsafe sqlite3_column_type(handle, index) {
      case SQLITE_INTEGER: .integer(integer(index))
      case SQLITE_TEXT: .text(text(index))
      case SQLITE_BLOB: .blob(blob(index))
      default: .null
      }
    }
  }

  private borrowing func isNull(_ index: Int32) -> Bool {
    unsafe sqlite3_column_type(handle, index) == SQLITE_NULL
  }
}
