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
  ]

  /// At the beginning of a stream.
  package init() {}

  /// Looks at what goes by.
  package mutating func take(_ chunk: [UInt8]) { take(chunk[...]) }

  /// Looks at a part of what goes by. Not generic: called from another room it would not be specialized, and each byte a call.
  package mutating func take(_ chunk: ArraySlice<UInt8>) {
    for byte in chunk {
      bytes += 1
      if byte == 0x0A || byte == 0x0D {
        if !isTooLong, !line.isEmpty { look() }
        line.removeAll(keepingCapacity: true)
        isTooLong = false
      } else if line.count < Self.longestLine {
        line.append(byte)
      } else {
        isTooLong = true
      }
    }
  }

  private mutating func look() {
    guard line.starts(with: "data:".utf8) else { return }
    var data = line.dropFirst(5)
    if data.first == 0x20 { data = data.dropFirst() }
    if data.elementsEqual("[DONE]".utf8) {
      isComplete = true
      return
    }
    for word in Self.texts {
      if let at = ByteSearch.first(word, in: data) {
        text += Int64(data[at...].dropFirst(word.utf8.count).prefix { $0 != 0x22 }.count)
      }
    }
    // Most events are a few words of text: only those that speak of use are parsed.
    guard ByteSearch.holds("\"usage\"", in: data) || ByteSearch.holds("_stop\"", in: data)
    else { return }
    guard let value = try? JSONParser.parse(Array(data)) else { return }
    if value["type"]?.text == "message_stop" { isComplete = true }
    if value["type"]?.text?.hasPrefix("response.") == true, value["response"]?["usage"] != nil {
      isComplete = true
    }
    answer.take(value)
  }
}
