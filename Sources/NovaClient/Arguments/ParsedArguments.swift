// A command line against a command's spec. Must never guess: what is not in the table is refused, with the
// nearest thing that is.

import NovaModel
import NovaWire

/// The values of one command line.
package struct ParsedArguments: Sendable, Hashable {
  /// Words after the verb, in order.
  package var words: [String] = []
  /// Options by long name; a flag has the value "".
  package var values: [String: String] = [:]
  /// Every value of an option, by long name, in order.
  package var lists: [String: [String]] = [:]
  /// Words after `--`.
  package var rest: [String] = []

  /// Whether a flag was given.
  package func has(_ name: String) -> Bool { values[name] != nil }
  /// The value of an option.
  package func value(_ name: String) -> String? { values[name] }
  /// Every value of an option that may be repeated.
  package func list(_ name: String) -> [String] { lists[name] ?? [] }

  /// Reads `tokens` (without the verb) by the command's and the global options.
  package static func parse(
    _ tokens: [String], command: CommandSpec, global: [OptionSpec]
  ) throws(ClientError) -> ParsedArguments {
    var parsed = ParsedArguments()
    let options = command.options + global
    var index = 0
    while index < tokens.count {
      let token = tokens[index]
      index += 1
      if token == "--" {
        // Of a verb that runs no command it only ends the options, as everywhere.
        if command.rest == nil {
          parsed.words += tokens[index...]
        } else {
          parsed.rest = Array(tokens[index...])
        }
        break
      }
      if token.hasPrefix("--") {
        try parsed.long(token, options, command, tokens, &index)
      } else if token.hasPrefix("-"), token.count > 1 {
        try parsed.short(token, options, command, tokens, &index)
      } else {
        parsed.words.append(token)
      }
    }
    if !parsed.has("help") { try parsed.checkWords(command) }
    return parsed
  }

  private mutating func long(
    _ token: String, _ options: [OptionSpec], _ command: CommandSpec, _ tokens: [String],
    _ index: inout Int
  ) throws(ClientError) {
    let body = token.dropFirst(2)
    let equals = body.firstIndex(of: "=")
    let name = String(body[..<(equals ?? body.endIndex)])
    guard let option = options.first(where: { $0.long == name }) else {
      let near = Suggestion.nearest(to: name, in: options.map(\.long)).map { "--\($0)" }
      throw .usage(
        Suggestion.sentence("unknown option --\(name)", near), verb: command.name)
    }
    if option.value == nil {
      guard equals == nil else { throw .usage("--\(name) takes no value", verb: command.name) }
      values[name] = ""
    } else if let equals {
      try set(option, String(body[body.index(after: equals)...]), command)
    } else {
      guard index < tokens.count else {
        throw .usage("--\(name) needs a value", verb: command.name)
      }
      try set(option, tokens[index], command)
      index += 1
    }
  }

  /// `-f`, `-n 5`, `-n5`, `-fn5`.
  private mutating func short(
    _ token: String, _ options: [OptionSpec], _ command: CommandSpec, _ tokens: [String],
    _ index: inout Int
  ) throws(ClientError) {
    var left = token.dropFirst()
    while let letter = left.popFirst() {
      guard let option = options.first(where: { $0.short == letter }) else {
        throw .usage("unknown option -\(letter)", verb: command.name)
      }
      guard option.value != nil else {
        values[option.long] = ""
        continue
      }
      if !left.isEmpty {
        try set(option, String(left.first == "=" ? left.dropFirst() : left), command)
      } else {
        guard index < tokens.count else {
          throw .usage("-\(letter) needs a value", verb: command.name)
        }
        try set(option, tokens[index], command)
        index += 1
      }
      return
    }
  }

  private mutating func set(
    _ option: OptionSpec, _ value: String, _ command: CommandSpec
  ) throws(ClientError) {
    guard option.choices.isEmpty || option.choices.contains(value) else {
      let all = option.choices.joined(separator: ", ")
      throw .usage("--\(option.long) must be one of \(all)", verb: command.name)
    }
    values[option.long] = value
    lists[option.long, default: []].append(value)
  }

  private func checkWords(_ command: CommandSpec) throws(ClientError) {
    let required = command.arguments.filter(\.required).count
    guard words.count >= required || has("all") else {
      throw .usage(
        "\(command.name) needs \(command.arguments[words.count].name)", verb: command.name)
    }
    if let rest = command.rest {
      guard !self.rest.isEmpty, words.count <= command.arguments.count else {
        throw .usage("\(command.name) needs -- and then \(rest.name)", verb: command.name)
      }
      return
    }
    if !command.arguments.contains(where: \.repeats), words.count > command.arguments.count {
      throw .usage("unexpected word \(words[command.arguments.count])", verb: command.name)
    }
    for (word, argument) in zip(words, command.arguments) {
      guard case .choice(let choices) = argument.kind, !choices.contains(word) else { continue }
      throw .usage(
        "\(argument.name) must be one of \(choices.joined(separator: ", "))", verb: command.name)
    }
  }

  // MARK: Typed values

  /// A duration such as `500ms`, `10s`, `5m`, `24h`, `2d`, or plain seconds. Throws usage.
  func span(_ name: String, verb: String) throws(ClientError) -> Span? {
    guard let text = value(name) else { return nil }
    guard let span = Self.span(text) else {
      throw .usage("--\(name) must be a duration such as 30s, 5m or 24h", verb: verb)
    }
    return span
  }

  /// A whole number in a range. Throws usage.
  func number(_ name: String, _ range: ClosedRange<Int>, verb: String) throws(ClientError) -> Int? {
    guard let text = value(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw .usage(
        "--\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)",
        verb: verb)
    }
    return number
  }

  /// The duration that `text` writes: as in configuration files, or whole seconds. Nil when it is none, or over
  /// ten years: longer is a slip of the finger, and the sums behind it stay far from overflow.
  static func span(_ text: String) -> Span? {
    let digits = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard let span = DurationText.parse(digits ? text + "s" : text),
      span >= .zero, span <= .seconds(315_360_000)
    else { return nil }
    return span
  }
}
