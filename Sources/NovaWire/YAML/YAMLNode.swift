// A YAML document as a small tree in which every value knows its line and column.
// Must never resolve types: whether `010` is text or a number is the schema's to say.

/// A value in a document.
package struct YAMLNode: Sendable, Hashable {
  /// Where it begins, from 1; columns in characters.
  package var line: Int, column: Int
  /// What it is.
  package var content: Content

  /// The three shapes of YAML.
  package enum Content: Sendable, Hashable {
    /// The text; `plain` when it was written without quotes or as a block.
    case scalar(String, plain: Bool)
    case sequence([YAMLNode])
    /// In the order of the file, keys unique.
    case mapping([Entry])
  }

  /// One key of a mapping and its value.
  package struct Entry: Sendable, Hashable {
    /// The key's text.
    package var key: String
    /// Where the key begins, from 1; columns in characters.
    package var line: Int, column: Int
    /// What it stands for.
    package var value: YAMLNode
  }

  /// Whether it is `null`, `~` or nothing at all, unquoted.
  package var isNull: Bool {
    guard case .scalar(let text, plain: true) = content else { return false }
    return text.isEmpty || text == "~" || text == "null" || text == "Null" || text == "NULL"
  }

  /// What people call its shape.
  package var shape: String {
    switch content {
    case .scalar: isNull ? "empty" : "a single value"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// Why a document was refused, and where.
package struct YAMLError: Error, Sendable, Hashable {
  /// From 1; columns in characters.
  package var line: Int, column: Int
  /// What is wrong.
  package var message: String
}
