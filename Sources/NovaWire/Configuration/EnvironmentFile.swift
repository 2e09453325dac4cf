// Environment files as systemd.exec(5) describes EnvironmentFile=: KEY=VALUE lines, comments by # and ;, quotes,
// a backslash to continue a line, no expansion. Must never ignore a line it does not understand.

/// Reads environment files.
package enum EnvironmentFile {
  /// The variables, the last one of a name winning, or the first problem with its line.
  package static func parse(_ bytes: [UInt8], path: String) -> Result<[String: String], Problem> {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return .failure(
        Problem(file: path, line: lineOfInvalidText(bytes), column: 0, message: "is not UTF-8 text")
      )
    }
    var scanner = EnvironmentScanner(
      bytes: Array(text.hasPrefix("\u{FEFF}") ? Array(text.utf8.dropFirst(3)) : Array(text.utf8)))
    do {
      return .success(try scanner.scan())
    } catch {
      return .failure(
        Problem(file: path, line: error.line, column: 0, message: error.message))
    }
  }

  private static func lineOfInvalidText(_ bytes: [UInt8]) -> Int {
    var line = 1
    for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if String(validating: part, as: UTF8.self) == nil { return line }
      line += 1
    }
    return line
  }
}

/// What is wrong with a line of an environment file.
struct EnvironmentFailure: Error {
  var line: Int
  var message: String
}

/// The states of systemd's parse_env_file (src/basic/env-file.c), one byte at a time.
struct EnvironmentScanner {
  private enum State { case beforeKey, key, beforeValue, value, single, double, comment }

  private let bytes: [UInt8]
  private var pairs: [String: String] = [:]
  private var line = 1
  private var keyLine = 1
  private var quoteLine = 1
  private var key: [UInt8] = []
  private var value: [UInt8] = []
  /// Bytes of `value` that trailing white space may not be cut from, because they were quoted.
  private var kept = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func scan() throws(EnvironmentFailure) -> [String: String] {
    var state = State.beforeKey
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let next = index + 1 < bytes.count ? bytes[index + 1] : nil
      index += 1
      guard byte != 0 else { throw EnvironmentFailure(line: line, message: "holds a NUL byte") }
      switch state {
      case .beforeKey:
        if byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") {
          state = .comment
        } else if !isSpace(byte) {
          state = .key
          keyLine = line
          key = [byte]
          if byte == UInt8(ascii: "=") { try checkKey() }
        }
      case .comment: if isNewline(byte) { state = .beforeKey }
      case .key:
        if isNewline(byte) {
          throw EnvironmentFailure(
            line: keyLine, message: "'\(shown(key))' is not KEY=VALUE (there is no '=')")
        }
        if byte == UInt8(ascii: "=") {
          try checkKey()
          state = .beforeValue
          value = []
          kept = 0
        } else {
          key.append(byte)
        }
      case .beforeValue, .value:
        if isNewline(byte) {
          store()
          state = .beforeKey
        } else if byte == UInt8(ascii: "\\") {
          state = .value
          if let next {
            index += 1
            if !isNewline(next) { value.append(next) }
            kept = value.count
            if next == UInt8(ascii: "\r"), index < bytes.count, bytes[index] == UInt8(ascii: "\n") {
              index += 1
            }
            if isNewline(next) { line += 1 }
          }
        } else if state == .beforeValue, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
          state = byte == UInt8(ascii: "'") ? .single : .double
          quoteLine = line
        } else if state == .value || !isSpace(byte) {
          state = .value
          value.append(byte)
        }
      case .single:
        if byte == UInt8(ascii: "'") {
          state = .beforeValue
          kept = value.count
        } else {
          value.append(byte)
        }
      case .double:
        if byte == UInt8(ascii: "\"") {
          state = .beforeValue
          kept = value.count
        } else if byte == UInt8(ascii: "\\"), let next {
          index += 1
          switch next {
          case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "`"), UInt8(ascii: "$"):
            value.append(next)
          case UInt8(ascii: "\n"): line += 1
          default: value.append(contentsOf: [byte, next])
          }
        } else {
          value.append(byte)
        }
      }
      if byte == UInt8(ascii: "\n") { line += 1 }
    }
    return try finish(state)
  }

  private mutating func finish(_ state: State) throws(EnvironmentFailure) -> [String: String] {
    switch state {
    case .beforeKey, .comment: break
    case .beforeValue, .value: store()
    case .key:
      throw EnvironmentFailure(
        line: keyLine, message: "'\(shown(key))' is not KEY=VALUE (there is no '=')")
    case .single, .double:
      throw EnvironmentFailure(line: quoteLine, message: "the quote opened here is never closed")
    }
    return pairs
  }

  private mutating func store() {
    while value.count > kept, let last = value.last, isSpace(last) { value.removeLast() }
    pairs[String(decoding: key, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
  }

  private mutating func checkKey() throws(EnvironmentFailure) {
    while let last = key.last, isSpace(last) { key.removeLast() }
    let name = String(decoding: key, as: UTF8.self)
    guard EnvironmentName.isValid(name) else {
      let hint = name.hasPrefix("export ") ? " (leave out 'export')" : ""
      throw EnvironmentFailure(
        line: keyLine, message: "'\(shown(key))' is not a variable name\(hint)")
    }
  }

  private func shown(_ bytes: [UInt8]) -> String { CleanText.forTerminal(bytes, limit: 60) }
  private func isNewline(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }
  private func isSpace(_ byte: UInt8) -> Bool {
    isNewline(byte) || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}
