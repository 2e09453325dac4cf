// The page's session: who logged in, as what, until when, signed. Must never be believed after its end or with another
// key: a new key ends every session.

package import NovaModel

/// Signs sessions and reads them back; nothing about them is kept.
package struct SessionCookie: Sendable {
  /// The cookie's name.
  package static let name = "nova_session"
  /// 12 hours: a working day with its breaks.
  package static let life = Span.seconds(12 * 3600)
  private let key: [UInt8]

  /// With a key of 32 bytes that only this program knows.
  package init(key: [UInt8]) { self.key = key }

  /// The cookie's value for a grant; nil when it cannot be signed.
  package func mint(_ grant: Grant, now: WallTime) -> String? {
    let end = now.microseconds / 1_000_000 + SessionCookie.life.wholeSeconds
    let text = "\(end)~\(grant.role.rawValue)~\(grant.actor)"
    return Crypto.authenticate(Array(text.utf8), key: key).map { text + "~" + Crypto.hex($0) }
  }

  /// The grant of a value that we signed and that has not ended.
  package func read(_ value: String, now: WallTime) -> Grant? {
    guard let last = value.lastIndex(of: "~") else { return nil }
    let text = value[..<last]
    guard let told = Crypto.bytes(hex: value[value.index(after: last)...]),
      let right = Crypto.authenticate(Array(text.utf8), key: key), Crypto.equal(told, right)
    else { return nil }
    let parts = text.split(separator: "~", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let end = Int64(parts[0]), now.microseconds / 1_000_000 < end,
      let role = EdgeRole(rawValue: String(parts[1])), Grant.isActor(parts[2])
    else { return nil }
    return Grant(actor: String(parts[2]), role: role)
  }

  /// The `Set-Cookie` header of a login.
  package static func set(_ value: String) -> String {
    "\(name)=\(value); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(life.wholeSeconds)"
  }

  /// The `Set-Cookie` header of a logout.
  package static let clear = "\(name)=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"

  /// The value in a `Cookie` header.
  package static func find(in header: String) -> String? {
    for pair in header.split(separator: ";") {
      let trimmed = pair.drop { $0 == " " }
      if trimmed.hasPrefix(name + "=") { return String(trimmed.dropFirst(name.count + 1)) }
    }
    return nil
  }
}
