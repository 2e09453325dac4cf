// What a value of the configuration can be: one conversion a kind, from a YAML node to a typed value or a sentence.
// Must never guess: `yes` is not true, `5` is not five seconds, and 1.5 is not a count.

import NovaModel

/// Why a value was refused.
struct Refusal: Error {
  /// Without the key; that is put before it.
  var message: String
  var suggestion: String?
  /// The value inside a list that it is about; nil is the value itself.
  var node: YAMLNode?

  init(_ message: String, suggestion: String? = nil, node: YAMLNode? = nil) {
    self.message = message
    self.suggestion = suggestion
    self.node = node
  }
}

/// A conversion from a node to a value.
struct Kind<Value> {
  let convert: (YAMLNode) throws(Refusal) -> Value

  init(_ convert: @escaping (YAMLNode) throws(Refusal) -> Value) { self.convert = convert }

  /// One that judges the text of a single value, quoted or not.
  static func scalar(
    _ what: String, _ convert: @escaping (String) throws(Refusal) -> Value
  ) -> Kind {
    Kind { (node) throws(Refusal) in try convert(try node.text(what)) }
  }

  /// One more condition on the value.
  func checked(_ check: @escaping (Value) throws(Refusal) -> Void) -> Kind {
    Kind { (node) throws(Refusal) in
      let value = try convert(node)
      try check(value)
      return value
    }
  }

  /// A list of such values; each refusal names the place of its item.
  static func list<Item>(_ item: Kind<Item>) -> Kind where Value == [Item] {
    Kind { (node) throws(Refusal) in
      guard case .sequence(let items) = node.content else {
        throw Refusal("must be a list, not \(node.shape)")
      }
      var values: [Item] = []
      for place in items {
        do throws(Refusal) {
          values.append(try item.convert(place))
        } catch {
          throw Refusal(error.message, suggestion: error.suggestion, node: error.node ?? place)
        }
      }
      return values
    }
  }
}

extension YAMLNode {
  /// The text of a single value that is there.
  func text(_ what: String) throws(Refusal) -> String {
    guard case .scalar(let text, _) = content else {
      throw Refusal("must be \(what), not \(shape)")
    }
    guard !isNull else { throw Refusal("has no value (it must be \(what))") }
    return text
  }
}

/// How other people's text is quoted in a complaint.
func quoted(_ text: String) -> String {
  "'\(CleanText.forTerminal(text.utf8, limit: 80))'"
}

extension Kind where Value == String {
  /// Any text, numbers and booleans as they are written.
  static var text: Kind {
    .scalar("text") { (text) throws(Refusal) in text }
  }

  /// Text of at least one character.
  static var nonEmpty: Kind {
    text.checked { (text) throws(Refusal) in
      if text.isEmpty { throw Refusal("is empty") }
    }
  }

  /// Text with specifiers that are all known.
  static var expandable: Kind {
    text.checked { (text) throws(Refusal) in
      if let unknown = Specifiers.firstUnknown(in: text) {
        throw Refusal(
          "unknown specifier \(quoted(unknown)) (known are %i and %n; write %% for a percent sign)")
      }
    }
  }

  /// An absolute path with specifiers.
  static var path: Kind {
    expandable.checked { (text) throws(Refusal) in
      guard text.hasPrefix("/") else { throw Refusal("\(quoted(text)) is not an absolute path") }
      // PATH_MAX with its terminating NUL.
      guard text.utf8.count < 4096 else { throw Refusal("is longer than 4,095 bytes") }
    }
  }

  /// A user or group: a name, or a number.
  static func account(_ what: String) -> Kind {
    .scalar("the name of a \(what)") { (text) throws(Refusal) in
      let allowed = text.utf8.allSatisfy { byte in
        byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: ":") && byte != UInt8(ascii: "/")
      }
      guard allowed, (1...255).contains(text.utf8.count) else {
        throw Refusal("\(quoted(text)) is not the name of a \(what)")
      }
      return text
    }
  }
}

extension Kind where Value == Bool {
  /// `true` or `false`, and no other word.
  static var boolean: Kind {
    Kind { (node) throws(Refusal) in
      let text = try node.text("true or false")
      guard case .scalar(_, plain: true) = node.content else {
        throw Refusal("must be true or false, not text in quotes")
      }
      switch text {
      case "true": return true
      case "false": return false
      default:
        let meant: String? =
          switch text.lowercased() {
          case "yes", "on", "true", "y", "1": "true"
          case "no", "off", "false", "n", "0": "false"
          default: nil
          }
        throw Refusal("\(quoted(text)) is not true or false", suggestion: meant)
      }
    }
  }
}

extension Kind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of a few words.
  static var choice: Kind {
    let words = Value.allCases.map(\.rawValue)
    return .scalar("one of \(words.joined(separator: ", "))") { (text) throws(Refusal) in
      guard let value = Value(rawValue: text) else {
        throw Refusal(
          "\(quoted(text)) is not one of \(words.joined(separator: ", "))",
          suggestion: EditDistance.nearest(to: text, among: words))
      }
      return value
    }
  }
}
