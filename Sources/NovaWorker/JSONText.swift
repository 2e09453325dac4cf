// A flat JSON object, written member by member. Must never write text that is not escaped.

/// The body of a request.
struct JSONText: Sendable {
  private var members: [String] = []

  mutating func add(_ key: String, _ value: String?) {
    if let value { members.append("\(Self.quoted(key)):\(Self.quoted(value))") }
  }

  mutating func add(_ key: String, _ value: Bool) { members.append("\(Self.quoted(key)):\(value)") }

  mutating func add(_ key: String, _ value: Int64) {
    members.append("\(Self.quoted(key)):\(value)")
  }

  var bytes: [UInt8] { Array(("{" + members.joined(separator: ",") + "}").utf8) }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
