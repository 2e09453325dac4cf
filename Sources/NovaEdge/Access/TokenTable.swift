// The bearer tokens: one a line, `NAME ROLE SHA256`. Must never hold a token itself, nor tell by its time how near a
// guess came.

/// Which tokens there are.
package struct TokenTable: Sendable {
  private struct Row: Sendable {
    let digest: [UInt8]
    let grant: Grant
  }
  private var rows: [Row] = []

  /// No token at all.
  package init() {}

  /// How many there are.
  package var count: Int { rows.count }

  /// Why a token file is refused; `line` counts from 1.
  package struct Problem: Error, Sendable, Hashable {
    package var line: Int
    package var message: String
  }

  /// Reads the text of a token file. Empty lines and lines that begin with `#` are skipped; one bad line refuses all.
  package init(parsing text: String) throws(Problem) {
    var names: Set<Substring> = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }
      guard let name = words.first, !name.hasPrefix("#") else { continue }
      func refuse(_ message: String) -> Problem { Problem(line: index + 1, message: message) }
      guard words.count == 3 else {
        throw refuse(
          "has \(words.count) words (write NAME ROLE SHA256, as `nova-edge token` prints)")
      }
      guard Grant.isActor(name) else { throw refuse("the name is not made of letters and digits") }
      guard names.insert(name).inserted else { throw refuse("the name \(name) is there twice") }
      guard let role = EdgeRole(rawValue: String(words[1])) else {
        throw refuse("the role is read or act, not '\(words[1].prefix(20))'")
      }
      guard let digest = Crypto.bytes(hex: words[2]), digest.count == 32 else {
        throw refuse("the third word is not a SHA-256 in hexadecimal: never the token itself")
      }
      rows.append(Row(digest: digest, grant: Grant(actor: "token:\(name)", role: role)))
    }
  }

  /// What a token grants. Every row is compared, whichever fits.
  package func grant(_ token: String) -> Grant? {
    guard let digest = Crypto.digest(Array(token.utf8)) else { return nil }
    var found: Grant?
    for row in rows where Crypto.equal(row.digest, digest) { found = row.grant }
    return found
  }

  /// A new token and its line for the file; nil when the system has no random bytes.
  package static func make(name: String, role: EdgeRole) -> (token: String, line: String)? {
    guard let secret = Crypto.random(32) else { return nil }
    let token = "nova_" + Crypto.hex(secret)
    guard let digest = Crypto.digest(Array(token.utf8)) else { return nil }
    return (token, "\(name) \(role.rawValue) \(Crypto.hex(digest))")
  }
}
