// A stream of server-sent events on its way through, read for what it says of its use. Must never hold more of it than one
// line, nor wait for more before the bytes go on: it only looks.

/// Reads the events of one answer as they pass; WHATWG HTML, 9.2.6.
package struct AnswerStream: Sendable {
  /// A longer line is not looked at: usage stands in short ones.
  static let longestLine = 1 << 20

  /// What was said so far.
  package private(set) var answer = ModelAnswer()
  /// The provider has said that this is all.
  package private(set) var isComplete = false
  /// Bytes of content that went by, for an estimate where the end never comes.
  package private(set) var bytes: Int64 = 0
  /// Bytes of text among them, more or less: what stands after the words that all providers use for it.
  package private(set) var text: Int64 = 0
  private var line: [UInt8] = []
  private var isTooLong = false

  private static let texts = [
    "\"text\":\"", "\"thinking\":\"", "\"partial_json\":\"", "\"content\":\"", "\"delta\":\"",
    "\"arguments\":\"",
  ].map { Array($0.utf8) }
  private static let usage = Array("\"usage\"".utf8)
  private static let stop = Array("_stop\"".utf8)

  /// At the beginning of a stream.
  package init() {}

  /// Looks at what goes by.
  package mutating func take(_ chunk: [UInt8]) { take(chunk[...]) }

  /// Looks at a part of what goes by. Not generic: called from another room it would not be specialized, and each byte a call.
  package mutating func take(_ chunk: ArraySlice<UInt8>) {
    bytes += Int64(chunk.count)
    var rest = chunk
    while let end = rest.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
      let part = rest[..<end]
      if !isTooLong, line.count + part.count <= Self.longestLine {
        if line.isEmpty {
          look(part)
        } else {
          // Out of its place while it is looked at: so it is not copied.
          var whole: [UInt8] = []
          swap(&whole, &line)
          whole += part
          look(whole[...])
          swap(&whole, &line)
        }
      }
      line.removeAll(keepingCapacity: true)
      isTooLong = false
      rest = rest[(end + 1)...]
    }
    if isTooLong || line.count + rest.count > Self.longestLine {
      isTooLong = true
    } else {
      line += rest
    }
  }

  private mutating func look(_ line: ArraySlice<UInt8>) {
    guard line.starts(with: "data:".utf8) else { return }
    var data = line.dropFirst(5)
    if data.first == 0x20 { data = data.dropFirst() }
    if data.elementsEqual("[DONE]".utf8) {
      isComplete = true
      return
    }
    // Most events are a few words of text: only those that speak of use are parsed.
    guard scan(data), let value = try? JSONParser.parse(Array(data)) else { return }
    if value["type"]?.text == "message_stop" { isComplete = true }
    if value["type"]?.text?.hasPrefix("response.") == true, value["response"]?["usage"] != nil {
      isComplete = true
    }
    answer.take(value)
  }

  /// Counts the text after the first of each of the words for it, in one go; whether it speaks of use or of an end.
  private mutating func scan(_ data: ArraySlice<UInt8>) -> Bool {
    var speaksOfUse = false
    var seen = 0
    for at in data.indices {
      switch data[at] {
      case 0x22 where at + 1 < data.endIndex:
        switch data[at + 1] {
        case UInt8(ascii: "u"): if Self.begins(data, at, Self.usage) { speaksOfUse = true }
        case UInt8(ascii: "t"), UInt8(ascii: "p"), UInt8(ascii: "c"), UInt8(ascii: "d"),
          UInt8(ascii: "a"):
          for (index, word) in Self.texts.enumerated()
          where seen & (1 << index) == 0 && Self.begins(data, at, word) {
            seen |= 1 << index
            text += Int64(data[(at + word.count)...].prefix { $0 != 0x22 }.count)
          }
        default: break
        }
      case UInt8(ascii: "_"): if Self.begins(data, at, Self.stop) { speaksOfUse = true }
      default: break
      }
    }
    return speaksOfUse
  }

  private static func begins(_ data: ArraySlice<UInt8>, _ at: Int, _ word: [UInt8]) -> Bool {
    guard data.endIndex - at >= word.count else { return false }
    for offset in word.indices where data[at + offset] != word[offset] { return false }
    return true
  }
}
