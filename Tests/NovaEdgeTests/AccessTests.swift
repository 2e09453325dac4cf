// Who is let in: token files, sessions, other people's sites, and how often. Must never open a socket.

import NovaModel
import Testing

@testable import NovaEdge

@Suite struct AccessTests {
  static let now = WallTime(microseconds: 1_800_000_000_000_000)
  static let sessions = SessionCookie(key: Array(repeating: 7, count: 32))

  static func table(_ lines: String...) throws -> TokenTable {
    try TokenTable(parsing: lines.joined(separator: "\n"))
  }

  @Test("a token that was made is known by its line, and no other is")
  func tokens() throws {
    let (token, line) = try #require(TokenTable.make(name: "ci", role: .act))
    let (other, _) = try #require(TokenTable.make(name: "ci", role: .act))
    let table = try Self.table("# tokens", "", line)
    #expect(table.count == 1)
    #expect(!line.contains(token))
    #expect(table.grant(token) == Grant(actor: "token:ci", role: .act))
    for wrong in [other, "", String(token.dropLast()), token + "0", token.uppercased()] {
      #expect(table.grant(wrong) == nil)
    }
    #expect(TokenTable().grant(token) == nil)
  }

  @Test(
    "a bad line refuses the whole file and says which",
    arguments: [
      "ci read", "ci read abcd", "ci admin \(String(repeating: "0", count: 64))",
      "c/i read \(String(repeating: "0", count: 64))",
      "ci read \(String(repeating: "G", count: 64))",
      "ci read \(String(repeating: "0", count: 64)) more",
      "good act \(String(repeating: "0", count: 64))",
    ])
  func badLine(line: String) throws {
    let good = "good read \(String(repeating: "a", count: 64))"
    let error = #expect(throws: TokenTable.Problem.self) { try Self.table(good, line) }
    #expect(error?.line == 2)
    #expect(try Self.table(good).count == 1)
  }

  @Test("a session is good until its end, with its key, unchanged")
  func session() throws {
    let grant = Grant(actor: "login:uid:0", role: .read)
    let value = try #require(Self.sessions.mint(grant, now: Self.now))
    #expect(Self.sessions.read(value, now: Self.now) == grant)
    let end = Self.now + SessionCookie.life
    #expect(Self.sessions.read(value, now: end + .seconds(-1)) == grant)
    #expect(Self.sessions.read(value, now: end) == nil)
    let foreign = SessionCookie(key: Array(repeating: 8, count: 32))
    #expect(foreign.read(value, now: Self.now) == nil)
    // What is signed cannot be raised.
    let raised = value.split(separator: "~").map(String.init)
    #expect(
      Self.sessions.read(
        [raised[0], "act", raised[2], raised[3]].joined(separator: "~"), now: Self.now) == nil)
    for broken in ["", "~", "~~~", value + "0", String(value.dropLast(2)), "a~b~c~d"] {
      #expect(Self.sessions.read(broken, now: Self.now) == nil)
    }
  }

  @Test("a cookie is found among others, and its attributes keep it from scripts and other sites")
  func cookies() {
    #expect(SessionCookie.find(in: "a=b; nova_session=v~x; c=d") == "v~x")
    #expect(SessionCookie.find(in: "xnova_session=v") == nil)
    #expect(SessionCookie.find(in: "") == nil)
    let header = SessionCookie.set("v")
    for word in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
      #expect(header.contains(word))
    }
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let method: String
    let origin: String?
    let site: String?
    let isOwn: Bool
    var testDescription: String { "\(method) from \(origin ?? "-") (\(site ?? "-"))" }
  }

  @Test(
    "another site's request with our cookie is told from our own page's",
    arguments: [
      Row(method: "GET", origin: nil, site: nil, isOwn: true),
      Row(method: "GET", origin: nil, site: "same-origin", isOwn: true),
      Row(method: "GET", origin: nil, site: "none", isOwn: true),
      Row(method: "GET", origin: nil, site: "cross-site", isOwn: false),
      Row(method: "GET", origin: nil, site: "same-site", isOwn: false),
      Row(method: "POST", origin: "http://h:1", site: "same-origin", isOwn: true),
      Row(method: "POST", origin: "https://h:1", site: nil, isOwn: true),
      Row(method: "POST", origin: nil, site: nil, isOwn: false),
      Row(method: "POST", origin: "null", site: nil, isOwn: false),
      Row(method: "POST", origin: "http://evil", site: nil, isOwn: false),
      Row(method: "POST", origin: "http://h:2", site: nil, isOwn: false),
      Row(method: "POST", origin: "http://h:1", site: "cross-site", isOwn: false),
    ])
  func foreign(row: Row) throws {
    let grant = Grant(actor: "login:uid:0", role: .act)
    let value = try #require(Self.sessions.mint(grant, now: Self.now))
    let headers = [
      "Cookie": "nova_session=\(value)", "Host": "h:1", "Origin": row.origin,
      "Sec-Fetch-Site": row.site,
    ].compactMapValues(\.self)
    let verdict = Gate.judge(
      Credentials(method: row.method) { headers[$0] }, tokens: TokenTable(),
      sessions: Self.sessions, now: Self.now)
    #expect(verdict == (row.isOwn ? .granted(grant) : .foreign))
  }

  @Test("a token in the header counts before a cookie, and needs no origin")
  func bearer() throws {
    let (token, line) = try #require(TokenTable.make(name: "ci", role: .read))
    let table = try Self.table(line)
    func verdict(_ headers: [String: String]) -> Verdict {
      Gate.judge(
        Credentials(method: "POST") { headers[$0] }, tokens: table, sessions: Self.sessions,
        now: Self.now)
    }
    let grant = Grant(actor: "token:ci", role: .read)
    #expect(verdict(["Authorization": "Bearer \(token)"]) == .granted(grant))
    #expect(verdict(["Authorization": "bearer \(token)", "Cookie": "x"]) == .granted(grant))
    #expect(verdict(["Authorization": "Basic \(token)"]) == .wrong)
    #expect(verdict(["Authorization": "Bearer"]) == .wrong)
    #expect(verdict(["Authorization": "Bearer nova_0"]) == .wrong)
    #expect(verdict([:]) == .missing)
    #expect(verdict(["Cookie": "other=1"]) == .missing)
    #expect(verdict(["Cookie": "nova_session=1"]) == .wrong)
  }

  @Test("so many at once, then one at a time, each key for itself")
  func rate() {
    var limit = RateLimit(burst: 3, refill: .seconds(1))
    let start = Instant(nanoseconds: 5_000_000_000)
    for _ in 0..<3 { #expect(limit.take("a", at: start) == nil) }
    #expect(limit.take("a", at: start) == .seconds(1))
    #expect(limit.take("b", at: start) == nil)
    #expect(limit.take("a", at: start + .milliseconds(400)) == .milliseconds(600))
    #expect(limit.take("a", at: start + .seconds(1)) == nil)
    #expect(limit.take("a", at: start + .seconds(1)) != nil)
    for _ in 0..<3 { #expect(limit.take("a", at: start + .seconds(60)) == nil) }
    #expect(limit.take("a", at: start + .seconds(60)) != nil)
  }

  @Test("the arguments")
  func options() {
    let socket = EdgeOptions(environment: ["NOVA_RUNTIME_DIR": "/r"]).socket
    #expect(socket == "/r/supervisor.sock")
    guard
      case .run(let options) = EdgeOptions.parse(
        ["run", "--socket", "/s", "--state=/t"], environment: [:])
    else { return #expect(Bool(false), "run is understood") }
    #expect(options.socket == "/s")
    #expect(options.state == "/t")
    #expect(
      EdgeOptions.parse(["token", "ci", "read"], environment: [:])
        == .token(name: "ci", role: .read))
    for wrong in [
      [], ["run", "x"], ["token", "ci"], ["token", "c i", "read"], ["token", "a", "b"],
      ["--socket"], ["run", "--what"],
    ] {
      guard case .wrong = EdgeOptions.parse(wrong, environment: [:]) else {
        return #expect(Bool(false), "\(wrong) is refused")
      }
    }
  }

  @Test("events come out of any division of their stream")
  func eventLines() {
    let stream = Array("id: 1\nevent: a\ndata: {\"x\":1}\n\nid: 2\nevent: b\ndata: {}\n\n".utf8)
    for size in 1...stream.count {
      var lines = EventLines()
      var found: [[UInt8]] = []
      for start in Swift.stride(from: 0, to: stream.count, by: size) {
        found += lines.take(Array(stream[start..<min(start + size, stream.count)]))
      }
      #expect(found == [Array("{\"x\":1}".utf8), Array("{}".utf8)])
    }
  }
}
