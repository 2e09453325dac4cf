// What went wrong with the state database, in a form for code (kind, SQLite's codes) and a sentence for people.
// Must never hold a bound value: statements are shown as they are written, values are not.

/// Why the ledger could not do something.
package struct LedgerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What sort of trouble it is.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// No space is left.
    case full
    /// The file or its file system cannot be written.
    case readOnly
    /// The storage gave an error.
    case io
    /// The file is damaged.
    case corrupt
    /// The file is not an SQLite database, or another program's.
    case foreign
    /// The database was written by a newer release.
    case newer
    /// Another supervisor has it open.
    case inUse
    /// It is not there, or may not be opened.
    case cannotOpen
    /// The write breaks an invariant; trying again is of no use.
    case rejected
    /// Anything else, such as no memory.
    case other
  }

  /// What sort of trouble it is.
  package var kind: Kind
  /// SQLite's primary result code; 0 when the trouble was found without SQLite.
  package var code: Int32
  /// SQLite's extended result code.
  package var extendedCode: Int32
  /// What was being done: the X of "cannot X".
  package var doing: String
  /// Why it could not be done.
  package var message: String
  /// The SQL, without its values.
  package var statement: String?
  /// What a person can do about it.
  package var remedy: String

  /// Puts an error together.
  package init(
    _ kind: Kind, code: Int32 = 0, extendedCode: Int32 = 0, doing: String, message: String,
    statement: String? = nil, remedy: String
  ) {
    self.kind = kind
    self.code = code
    self.extendedCode = extendedCode
    self.doing = doing
    self.message = message
    self.statement = statement
    self.remedy = remedy
  }

  /// `cannot X: why (what to do)`.
  package var description: String { "cannot \(doing): \(message) (\(remedy))" }
}
