// One thing wrong with a configuration file, said so that a person can go there and mend it.
// Must never be the only one: a load collects all problems of all files.

/// A complaint about one place in a file.
package struct Problem: Error, Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The path as it was given, or the name of an environment variable.
  package var file: String
  /// From 1; 0 where there is no line, as with an environment variable.
  package var line: Int
  /// From 1, in characters; 0 where there is none.
  package var column: Int
  /// What is wrong, without a full stop.
  package var message: String
  /// A word that was probably meant.
  package var suggestion: String?

  /// Describes one place.
  package init(
    file: String, line: Int, column: Int, message: String, suggestion: String? = nil
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
    self.suggestion = suggestion
  }

  /// `FILE:LINE:COLUMN: what is wrong (did you mean 'x'?)`
  package var description: String {
    var text = file
    if line > 0 { text += ":\(line)" }
    if column > 0 { text += ":\(column)" }
    text += ": " + message
    if let suggestion { text += " (did you mean '\(suggestion)'?)" }
    return text
  }

  /// Orders by file, then position.
  package static func < (a: Problem, b: Problem) -> Bool {
    (a.file, a.line, a.column) < (b.file, b.line, b.column)
  }
}
