// Swift source with comments and the text of string literals blanked, so that a rule about code does not trip over
// prose. Knows just enough of the language for that. Must keep the number of lines.

extension SourceFile {
  /// The code alone: comments and the insides of string literals are spaces.
  var code: String {
    var out: [UInt8] = []
    out.reserveCapacity(text.utf8.count)
    let bytes = Array(text.utf8)
    var at = 0
    var state = State.code
    while at < bytes.count {
      let byte = bytes[at]
      let rest = bytes[at...]
      switch state {
      case .code:
        if rest.starts(with: Self.lineComment) {
          state = .line
          out.append(Self.space)
        } else if rest.starts(with: Self.blockComment) {
          state = .block
          out.append(Self.space)
        } else if rest.starts(with: Self.longQuote) {
          state = .long
          out += Self.longQuote
          at += 2
        } else {
          if byte == Self.quote { state = .string }
          out.append(byte)
        }
      case .line:
        if byte == Self.newline { state = .code }
        out.append(byte == Self.newline ? byte : Self.space)
      case .block:
        if rest.starts(with: Self.blockEnd) {
          state = .code
          out.append(Self.space)
          at += 1
        }
        out.append(byte == Self.newline ? byte : Self.space)
      case .string:
        if byte == Self.backslash {
          out += [Self.space, Self.space]
          at += 1
        } else if byte == Self.quote || byte == Self.newline {
          state = .code
          out.append(byte)
        } else {
          out.append(Self.space)
        }
      case .long:
        if rest.starts(with: Self.longQuote) {
          state = .code
          out += Self.longQuote
          at += 2
        } else {
          out.append(byte == Self.newline ? byte : Self.space)
        }
      }
      at += 1
    }
    return String(decoding: out, as: UTF8.self)
  }

  private enum State { case code, line, block, string, long }
  private static let quote = UInt8(ascii: "\""), backslash = UInt8(ascii: "\\")
  private static let newline = UInt8(ascii: "\n"), space = UInt8(ascii: " ")
  private static let lineComment = Array("//".utf8), blockComment = Array("/*".utf8)
  private static let blockEnd = Array("*/".utf8), longQuote = Array("\"\"\"".utf8)
}

/// Whether `word` occurs in a line of code on its own: not as the tail of a longer name, not as a member's name.
func occurs(_ word: String, in line: some StringProtocol) -> Bool {
  let line = Array(line.utf8)
  let word = Array(word.utf8)
  guard let first = word.first, line.count >= word.count else { return false }
  let bound = isNamePart(first)
  for start in 0...(line.count - word.count) where line[start...].starts(with: word) {
    if !bound || start == 0 { return true }
    if !isNamePart(line[start - 1]), line[start - 1] != UInt8(ascii: ".") { return true }
  }
  return false
}

private func isNamePart(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
    true
  default: false
  }
}
