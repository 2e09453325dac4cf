// Environment files as systemd.exec(5) describes EnvironmentFile=: KEY=VALUE lines, comments by # and ;, quotes,
// a backslash to continue a line, no expansion. Must never ignore a line it does not understand, and never show one:
// such a line may be a part of somebody's key.

/// Reads environment files.
package enum EnvironmentFile {
  /// The variables, the last one of a name winning, or the first problem with its line.
  package static func parse(_ bytes: [UInt8], path: String) -> Result<[String: String], Problem> {
    var line = 1
    for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if part.contains(0) {
        return .failure(Problem(file: path, line: line, column: 0, message: "holds a NUL byte"))
      }
      if String(validating: part, as: UTF8.self) == nil {
        return .failure(Problem(file: path, line: line, column: 0, message: "is not UTF-8 text"))
      }
      line += 1
    }
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var scanner = EnvironmentScanner(
      bytes: bytes.starts(with: byteOrderMark) ? bytes[3...] : bytes[...])
    do throws(EnvironmentFailure) {
      return .success(try scanner.scan())
    } catch {
      return .failure(Problem(file: path, line: error.line, column: 0, message: error.message))
    }
  }
}

/// What is wrong with a line of an environment file.
private struct EnvironmentFailure: Error {
  var line: Int
  var message: String
}

/// Follows systemd's parse_env_file (src/basic/env-file.c), but refuses what that skips.
private struct EnvironmentScanner {
  private var rest: ArraySlice<UInt8>
  private var line = 1

  init(bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func scan() throws(EnvironmentFailure) -> [String: String] {
    var pairs: [String: String] = [:]
    while let byte = rest.first {
      if isSpace(byte) {
        _ = take()
      } else if byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") {
        while let byte = take(), !isNewline(byte) {}
      } else {
        let name = try name()
        pairs[name] = try value()
      }
    }
    return pairs
  }

  private mutating func name() throws(EnvironmentFailure) -> String {
    let start = line
    var bytes: [UInt8] = []
    while let byte = take(), byte != UInt8(ascii: "=") {
      bytes.append(byte)
      if isNewline(byte) || rest.isEmpty {
        throw EnvironmentFailure(line: start, message: "is not KEY=VALUE (there is no '=')")
      }
    }
    while let last = bytes.last, isSpace(last) { bytes.removeLast() }
    let name = String(decoding: bytes, as: UTF8.self)
    guard EnvironmentName.isValid(name) else {
      let hint = name.hasPrefix("export ") ? " (leave out 'export')" : ""
      throw EnvironmentFailure(
        line: start, message: "what stands before '=' is not a variable name\(hint)")
    }
    return name
  }

  private mutating func value() throws(EnvironmentFailure) -> String {
    var value: [UInt8] = []
    // What was quoted or escaped keeps its trailing spaces.
    var kept = 0
    // Quotes are quotes, and spaces are skipped, only until unquoted text begins.
    var begun = false
    while let byte = take(), !isNewline(byte) {
      if byte == UInt8(ascii: "\\") {
        begun = true
        if let next = takeEscaped() { value.append(next) }
        kept = value.count
      } else if !begun, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        try quotedPart(until: byte, into: &value)
        kept = value.count
      } else if begun || !isSpace(byte) {
        begun = true
        value.append(byte)
      }
    }
    while value.count > kept, let last = value.last, isSpace(last) { value.removeLast() }
    return String(decoding: value, as: UTF8.self)
  }

  private mutating func quotedPart(
    until quote: UInt8, into value: inout [UInt8]
  ) throws(EnvironmentFailure) {
    let start = line
    while let byte = take() {
      if byte == quote { return }
      guard byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") else {
        value.append(byte)
        continue
      }
      guard let next = takeEscaped() else { continue }
      // Inside double quotes a backslash is itself, except before these four.
      if !"\"\\`$".utf8.contains(next) { value.append(byte) }
      value.append(next)
    }
    throw EnvironmentFailure(line: start, message: "the quote opened here is never closed")
  }

  /// The byte behind a backslash; nil for a line end, which continues the line, and at the end of the file.
  private mutating func takeEscaped() -> UInt8? {
    guard let byte = take() else { return nil }
    if byte == UInt8(ascii: "\r"), rest.first == UInt8(ascii: "\n") { _ = take() }
    return isNewline(byte) ? nil : byte
  }

  private mutating func take() -> UInt8? {
    let byte = rest.popFirst()
    if byte == UInt8(ascii: "\n") { line += 1 }
    return byte
  }

  private func isNewline(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }

  private func isSpace(_ byte: UInt8) -> Bool {
    isNewline(byte) || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}
