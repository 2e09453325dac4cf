// The one error a person sees: `novasup: cannot X: why (what to do)`. Must never be thrown without an exit
// code that fits the table of docs/reference/exit-codes.md.

package import NovaWire

/// Ends a command: a sentence for stderr and an exit code.
package struct ClientError: Error, Sendable, Hashable {
  /// The exit code.
  package var code: ExitCode
  /// The sentence without `novasup: `; empty ends quietly.
  package var message: String

  /// Describes a failure.
  package init(_ code: ExitCode, _ message: String) {
    self.code = code
    self.message = message
  }

  /// `cannot ACTION: WHY (HINT)`.
  static func cannot(
    _ action: String, _ why: String, hint: String? = nil, code: ExitCode = .failed
  ) -> ClientError {
    ClientError(code, "cannot \(action): \(why)" + (hint.map { " (\($0))" } ?? ""))
  }

  /// Wrong usage of a verb; points to its help.
  static func usage(_ message: String, verb: String? = nil) -> ClientError {
    let page = verb.map { "novasup help \($0)" } ?? "novasup help"
    return ClientError(.usage, "\(message) (see `\(page)`)")
  }

  /// The reader of our output went away; nobody is there to be told.
  static let closedPipe = ClientError(.ok, "")

  /// Ctrl-C.
  static let interrupted = ClientError(.interrupted, "")
}
