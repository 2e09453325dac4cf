// The datagrams of sd_notify(3), from bytes to fields. The sender is somebody's program: anything may arrive.
// Must never fail: what is not understood is left out, as the protocol demands.

package import NovaModel

/// One assignment that the supervisor understands.
package enum NotifyField: Sendable, Hashable {
  /// `READY=1`
  case ready
  /// `STATUS=`, cleaned and at most 1,024 bytes.
  case status(String)
  /// `WATCHDOG=1`
  case watchdog
  /// `WATCHDOG=trigger`
  case watchdogTrigger
  /// `STOPPING=1`
  case stopping
  /// `RELOADING=1`
  case reloading
  /// `EXTEND_TIMEOUT_USEC=`
  case extendTimeout(Span)
  /// `MAINPID=`
  case mainPID(Int32)
  /// `BARRIER=1`
  case barrier
  /// `X_NOVA_name=value`, the name without its prefix, the value cleaned and at most 1,024 bytes.
  case nova(name: String, value: String)
}

/// Reads datagrams.
package enum NotifyMessage {
  // sd_notify clients send a handful; 64 lines bound the work a flood can cause.
  private static let mostLines = 64
  private static let longestText = 1024
  private static let longestName = 64
  private static let vendorPrefix = Array("X_NOVA_".utf8)

  /// The known fields of one datagram in their order; lines are `NAME=VALUE`, separated by newlines.
  package static func parse(_ bytes: [UInt8]) -> [NotifyField] {
    var fields: [NotifyField] = []
    let lines = bytes.split(
      separator: UInt8(ascii: "\n"), maxSplits: mostLines, omittingEmptySubsequences: true)
    for line in lines.prefix(mostLines) {
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
      if let field = field(line[..<equals], line[(equals + 1)...]) { fields.append(field) }
    }
    return fields
  }

  private static func field(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> NotifyField? {
    guard name.count <= longestName else { return nil }
    if name.starts(with: vendorPrefix) {
      let own = name.dropFirst(vendorPrefix.count)
      guard !own.isEmpty, own.allSatisfy(isNameByte) else { return nil }
      return .nova(
        name: String(decoding: own, as: UTF8.self),
        value: CleanText.forTerminal(value, limit: longestText))
    }
    switch String(decoding: name, as: UTF8.self) {
    case "READY": return isOne(value) ? .ready : nil
    case "STOPPING": return isOne(value) ? .stopping : nil
    case "RELOADING": return isOne(value) ? .reloading : nil
    case "BARRIER": return isOne(value) ? .barrier : nil
    case "STATUS": return .status(CleanText.forTerminal(value, limit: longestText))
    case "WATCHDOG":
      if isOne(value) { return .watchdog }
      return value.elementsEqual("trigger".utf8) ? .watchdogTrigger : nil
    case "EXTEND_TIMEOUT_USEC":
      guard let microseconds = number(value) else { return nil }
      return .extendTimeout(.microseconds(min(microseconds, .max / 1000)))
    case "MAINPID":
      guard let pid = number(value), pid > 0, pid <= Int64(Int32.max) else { return nil }
      return .mainPID(Int32(pid))
    default: return nil
    }
  }

  private static func isOne(_ value: ArraySlice<UInt8>) -> Bool {
    value.elementsEqual([UInt8(ascii: "1")])
  }

  private static func number(_ value: ArraySlice<UInt8>) -> Int64? {
    guard value.count <= 20 else { return nil }
    return Digits.whole(String(decoding: value, as: UTF8.self))
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    default: Digits.isDigit(byte)
    }
  }
}
