// The time zones that a configuration names, each looked up and parsed once. Must never open a file itself.

import NovaModel

/// Zones by name.
struct ZoneTable {
  private let lookup: (String) -> [UInt8]?
  /// Everything that was found.
  private(set) var zones: [String: TimeZoneRules] = ["UTC": .utc]

  init(lookup: @escaping (String) -> [UInt8]?) { self.lookup = lookup }

  /// Makes a zone part of the configuration, or says why it cannot be.
  mutating func require(_ name: String) throws(Refusal) {
    guard zones[name] == nil else { return }
    // POSIX's portable characters and no way out of the zone directory.
    let valid =
      (1...64).contains(name.utf8.count) && !name.hasPrefix("/") && !name.contains("..")
      && name.utf8.allSatisfy { byte in
        Digits.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          || "/_+-.".utf8.contains(byte)
      }
    guard valid, let bytes = lookup(name) else {
      throw Refusal("there is no time zone \(quoted(name)) (names are such as Europe/Berlin)")
    }
    do {
      zones[name] = try TimeZoneFile.read(bytes, name: name)
    } catch {
      throw Refusal("the rules of time zone \(quoted(name)) cannot be read: \(error.message)")
    }
  }
}
