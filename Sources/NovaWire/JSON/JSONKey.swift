// How a Swift property is called in JSON. Must never touch the keys of a map: those are data.

/// `memoryPeakBytes` to `memory_peak_bytes`, `costPerHourUSD` to `cost_per_hour_usd`.
package enum JSONKey {
  /// The JSON key of a coding key; keys of a `JSONMap` stay as they are.
  static func text(_ key: some CodingKey) -> String {
    key is MapKey ? key.stringValue : snakeCase(key.stringValue)
  }

  /// Lower-case words joined by underscores; a run of capitals is one word.
  package static func snakeCase(_ name: String) -> String {
    let bytes = Array(name.utf8)
    var out: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      guard isUpper(byte) else {
        out.append(byte)
        continue
      }
      let afterLower = index > 0 && !isUpper(bytes[index - 1])
      let beforeLower =
        index > 0 && index + 1 < bytes.count && !isUpper(bytes[index + 1])
        && isUpper(bytes[index - 1])
      if afterLower || beforeLower { out.append(UInt8(ascii: "_")) }
      out.append(byte | 0x20)
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
}

/// A key that is data and is never renamed.
struct MapKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// A JSON object whose keys are data, written in the order of its keys.
package struct JSONMap<Value: Codable & Sendable & Hashable>: Codable, Sendable, Hashable,
  ExpressibleByDictionaryLiteral
{
  /// The members.
  package var values: [String: Value]

  /// Wraps a dictionary.
  package init(_ values: [String: Value]) { self.values = values }

  /// A literal; a key that appears twice keeps its last value.
  package init(dictionaryLiteral elements: (String, Value)...) {
    values = Dictionary(elements) { $1 }
  }

  /// Reads every member.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: MapKey.self)
    values = [:]
    for key in container.allKeys {
      values[key.stringValue] = try container.decode(Value.self, forKey: key)
    }
  }

  /// Writes every member, sorted by key.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: MapKey.self)
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      try container.encode(value, forKey: MapKey(stringValue: key))
    }
  }
}
