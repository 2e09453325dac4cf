// What somebody on the network may do, and as whom. Must never be made from anything but a token, a login or a cookie
// that was verified.

/// The roles of the API that can be had over the network; the words of `x-role` in the OpenAPI document.
package enum EdgeRole: String, Sendable, Hashable, CaseIterable {
  /// Look at everything.
  case read
  /// Look, and change workers.
  case act
}

/// A verified caller.
package struct Grant: Sendable, Hashable {
  /// `token:ci` or `login:uid:0`; what the history shows as the actor.
  package var actor: String
  /// What it may do.
  package var role: EdgeRole

  /// Names a caller.
  package init(actor: String, role: EdgeRole) {
    self.actor = actor
    self.role = role
  }

  /// Whether a text can stand for an actor: it travels in a header and in a cookie.
  package static func isActor(_ text: some StringProtocol) -> Bool {
    (1...80).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "@"):
          true
        default: false
        }
      }
  }
}
