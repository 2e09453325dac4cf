// What an address leads to: somebody out there, this machine, or somewhere in between that no worker is to be shown the way
// to. Must never answer `global` for an address that it does not know.

internal import Glibc

/// The kind of a numeric address.
package enum AddressKind: Sendable, Hashable {
  /// Anybody on the internet.
  case global
  /// This machine, by a loopback address: 127.0.0.0/8 or ::1.
  case loopback
  /// A network of its owner's, of the link, of a carrier, of many, of documents, or of nobody.
  case local

  /// Of 4 or 16 bytes in the network's order; anything else is `local`.
  package init(_ bytes: [UInt8]) {
    switch bytes.count {
    case 4: self = Self.v4(bytes)
    case 16: self = Self.v6(bytes)
    default: self = .local
    }
  }

  /// Of an address as it is written, without brackets; nil for a name, and for forms such as `127.1`.
  package init?(numeric text: String) {
    var bytes = [UInt8](repeating: 0, count: 16)
    if unsafe inet_pton(AF_INET, text, &bytes) == 1 {
      self.init(Array(bytes.prefix(4)))
    } else if unsafe inet_pton(AF_INET6, text, &bytes) == 1 {
      self.init(bytes)
    } else {
      return nil
    }
  }

  private static func v4(_ bytes: [UInt8]) -> AddressKind {
    switch (bytes[0], bytes[1], bytes[2]) {
    case (127, _, _): .loopback
    // This network, private use, carriers, the link, protocols, documents, benchmarks, groups, the future.
    case (0, _, _), (10, _, _), (100, 64...127, _), (169, 254, _), (172, 16...31, _): .local
    case (192, 0, 0), (192, 0, 2), (192, 88, 99), (192, 168, _): .local
    case (198, 18...19, _), (198, 51, 100), (203, 0, 113), (224...255, _, _): .local
    default: .global
    }
  }

  private static func v6(_ bytes: [UInt8]) -> AddressKind {
    if bytes.dropLast().allSatisfy({ $0 == 0 }), bytes[15] == 1 { return .loopback }
    // Those that carry an address of IPv4 lead where that one leads: mapped, NAT64, 6to4.
    let mapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    let nat64 = bytes.prefix(12).elementsEqual([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0])
    if mapped || nat64 { return v4(Array(bytes[12...])) == .global ? .global : .local }
    if bytes[0] == 0x20, bytes[1] == 0x02 {
      return v4(Array(bytes[2..<6])) == .global ? .global : .local
    }
    // 2000::/3 is all that is given out; of it Teredo and documents are not.
    guard bytes[0] & 0xE0 == 0x20 else { return .local }
    switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
    case (0x20, 0x01, 0, 0), (0x20, 0x01, 0x0D, 0xB8), (0x3F, 0xFF, 0x00...0x0F, _): return .local
    default: return .global
    }
  }
}
