// Takes out of a stream what is only there because the gateway asked for it: OpenAI's last chunk with the use, and the empty
// `usage` of all the others. Must never change another byte, nor hold back more than one line.

/// Filters the events of a chat completion whose own client did not ask for the use.
package struct UsageFilter: Sendable {
  private var line: [UInt8] = []
  /// The line that was taken out was the data of an event: its empty line goes with it.
  private var drops = false
  /// Longer lines are passed on as they come: they are no chunk of OpenAI's.
  static let longest = 1 << 20
  private var isTooLong = false

  /// At the beginning of a stream.
  package init() {}

  /// What of these bytes, and of those held back, goes on.
  package mutating func take(_ bytes: [UInt8]) -> [UInt8] { take(bytes[...]) }

  /// The same of a part.
  package mutating func take(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var out: [UInt8] = []
    for byte in bytes {
      if isTooLong {
        out.append(byte)
        isTooLong = byte != 0x0A
        continue
      }
      line.append(byte)
      if byte == 0x0A {
        flush(to: &out)
      } else if line.count > Self.longest {
        out += line
        line = []
        isTooLong = true
      }
    }
    return out
  }

  /// What was held back of a stream that ended within a line.
  package mutating func end() -> [UInt8] {
    defer { line = [] }
    return line
  }

  private mutating func flush(to out: inout [UInt8]) {
    defer { line.removeAll(keepingCapacity: true) }
    let isEmpty = line.allSatisfy { $0 == 0x0A || $0 == 0x0D }
    if isEmpty, drops {
      drops = false
      return
    }
    guard line.starts(with: "data:".utf8) else { return out += line }
    if isLast {
      drops = true
      return
    }
    guard let key = ByteSearch.first("\"usage\":null", in: line) else { return out += line }
    // In a text of JSON the quotes would be escaped, so it is the member. One comma goes with it.
    let end = key + "\"usage\":null".utf8.count
    if key > 0, line[key - 1] == UInt8(ascii: ",") {
      out += line[..<(key - 1)] + line[end...]
    } else if end < line.count, line[end] == UInt8(ascii: ",") {
      out += line[..<key] + line[(end + 1)...]
    } else {
      out += line
    }
  }

  /// The chunk without choices that tells the use.
  private var isLast: Bool {
    guard ByteSearch.holds("\"usage\"", in: line), ByteSearch.holds("\"choices\"", in: line),
      let value = try? JSONParser.parse(Array(line.dropFirst(5))),
      case .object = value["usage"] ?? .null
    else { return false }
    return value["choices"]?.elements?.isEmpty == true
  }
}
