// The pure part of the allow-list proxy: how a request for a tunnel is read, what an entry lets through, and what the log is
// told. Must never open a socket.

import NovaHTTP
import NovaModel
import Testing

@testable import NovaEdge

@Suite struct EgressTests {
  private func read(_ text: String) -> EgressRequest.Reading {
    EgressRequest.read(Array(text.utf8))
  }

  @Test("a request is read, whatever its headers say, and no byte after it")
  func requests() throws {
    let place = try #require(EgressRequest(place: "api.stripe.com:443".utf8))
    let plain = "CONNECT api.stripe.com:443 HTTP/1.1\r\n\r\n"
    #expect(read(plain) == .whole(place, length: plain.utf8.count))
    #expect(read(plain + "\u{16}\u{3}\u{1}") == .whole(place, length: plain.utf8.count))
    let long =
      "CONNECT API.Stripe.com:443 HTTP/1.0\r\nHost: other:1\r\nX:\ta\u{e9}\r\nEmpty:\r\n\r\n"
    #expect(read(long) == .whole(place, length: long.utf8.count))
    let v6 = "CONNECT [2001:DB8::1]:8443 HTTP/1.1\r\n\r\n"
    guard case .whole(let other, _) = read(v6) else {
      Issue.record("it is read: \(read(v6))")
      return
    }
    #expect(other.host == "2001:db8::1" && other.port == 8443 && other.text == "[2001:db8::1]:8443")
  }

  @Test("cut at any byte it waits for more, and read piece by piece it is the same")
  func pieces() throws {
    let bytes = Array("CONNECT a.b:80 HTTP/1.1\r\nHost: a.b:80\r\n\r\n".utf8)
    for count in 0..<bytes.count {
      #expect(EgressRequest.read(Array(bytes[..<count])) == .more)
      #expect(
        EgressRequest.read(bytes, known: count)
          == .whole(try #require(EgressRequest(place: "a.b:80".utf8)), length: bytes.count))
    }
  }

  @Test(
    "what is not exactly that is refused",
    arguments: [
      "\r\n\r\n", "CONNECT a:1\r\n\r\n", "CONNECT a:1 HTTP/2\r\n\r\n",
      "connect a:1 HTTP/1.1\r\n\r\n",
      "CONNECT  a:1 HTTP/1.1\r\n\r\n", "CONNECT a:1 HTTP/1.1 \r\n\r\n",
      "CONNECT a HTTP/1.1\r\n\r\n",
      "CONNECT :1 HTTP/1.1\r\n\r\n", "CONNECT a:0 HTTP/1.1\r\n\r\n",
      "CONNECT a:01 HTTP/1.1\r\n\r\n",
      "CONNECT a:+1 HTTP/1.1\r\n\r\n", "CONNECT a:65536 HTTP/1.1\r\n\r\n",
      "CONNECT a: HTTP/1.1\r\n\r\n",
      "CONNECT a:1/ HTTP/1.1\r\n\r\n", "CONNECT u@a:1 HTTP/1.1\r\n\r\n",
      "CONNECT a b:1 HTTP/1.1\r\n\r\n",
      "CONNECT ::1:1 HTTP/1.1\r\n\r\n", "CONNECT [a:1 HTTP/1.1\r\n\r\n",
      "CONNECT []:1 HTTP/1.1\r\n\r\n",
      "CONNECT [::1%lo]:1 HTTP/1.1\r\n\r\n", "CONNECT a_b:1 HTTP/1.1\r\n\r\n",
      "CONNECT é:1 HTTP/1.1\r\n\r\n",
      "CONNECT a%2eb:1 HTTP/1.1\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nno colon\r\n\r\n",
      "CONNECT a:1 HTTP/1.1\r\n: x\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nA B: x\r\n\r\n",
      "CONNECT a:1 HTTP/1.1\r\nA: x\ny\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nA: \0\r\n\r\n",
      "CONNECT a:1 HTTP/1.1\r\n A: folded\r\n\r\n", "CONNECT a:1 HTTP/1.1\nHost: a\r\n\r\n",
    ])
  func malformed(text: String) { #expect(read(text) == .malformed) }

  @Test("8 KiB and not a byte more")
  func long() {
    let start = "CONNECT a:1 HTTP/1.1\r\nA: "
    let fits = EgressRequest.most - start.utf8.count - 4
    func request(_ count: Int) -> String {
      start + String(repeating: "x", count: count) + "\r\n\r\n"
    }
    guard case .whole(_, EgressRequest.most) = read(request(fits)) else {
      Issue.record("8192 bytes are read")
      return
    }
    #expect(read(request(fits + 1)) == .tooLong)
    #expect(read(String(repeating: "x", count: EgressRequest.most)) == .tooLong)
    #expect(read(String(repeating: "x", count: EgressRequest.most - 1)) == .more)
    #expect(EgressRequest(place: (String(repeating: "a", count: 256) + ":1").utf8) == nil)
  }

  @Test("an entry lets through itself, in any case of letters, and nothing like it")
  func list() throws {
    let list = EgressList(["API.stripe.com:443", "127.0.0.1:5432", "[::1]:80", "8.8.8.8:53", "bad"])
    func reach(_ text: String) throws -> String {
      let request = try #require(EgressRequest(place: text.utf8))
      return list.reach(request).map { "\($0)" } ?? "no"
    }
    #expect(try reach("api.stripe.com:443") == "global")
    #expect(try reach("Api.Stripe.Com:443") == "global")
    #expect(try reach("8.8.8.8:53") == "global")
    #expect(try reach("127.0.0.1:5432") == "loopback")
    #expect(try reach("[::1]:80") == "loopback")
    for other in [
      "api.stripe.com:80", "stripe.com:443", "x.api.stripe.com:443", "api.stripe.com.:443",
      "127.0.0.1:5433", "127.0.0.2:5432", "127.1:5432", "[0:0:0:0:0:0:0:1]:80",
      "[::ffff:127.0.0.1]:5432", "localhost:5432",
    ] {
      #expect(try reach(other) == "no")
    }
    #expect(EgressList([]).reach(try #require(EgressRequest(place: "a:1".utf8))) == nil)
    // Whatever it resolves to, a name is not a loopback address that somebody means.
    let named = EgressList(["localhost:1", "2130706433:1", "127.1:1", "[::ffff:127.0.0.1]:1"])
    for name in ["localhost:1", "2130706433:1", "127.1:1", "[::ffff:127.0.0.1]:1"] {
      #expect(named.reach(try #require(EgressRequest(place: name.utf8))) == .global)
    }
  }

  @Test("a refusal is a whole answer with a sentence")
  func refusals() throws {
    let place = try #require(EgressRequest(place: "a.b:1".utf8))
    let refusals: [(EgressRefusal, String)] = [
      (.malformed, "400"), (.tooLong, "431"), (.late, "408"), (.unlisted(place), "403"),
      (.notPublic(place), "403"), (.unreached(place, why: "x", isLate: false), "502"),
      (.unreached(place, why: "x", isLate: true), "504"), (.tooMany(64), "503"),
    ]
    for (refusal, status) in refusals {
      let text = String(decoding: refusal.answer, as: UTF8.self)
      #expect(text.hasPrefix("HTTP/1.1 \(status) "))
      let body = refusal.sentence + "\n"
      #expect(
        text.hasSuffix("Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"))
      #expect(refusal.sentence.hasPrefix("cannot "))
    }
  }

  @Test("the log gets a line a minute and worker, and what it was not told is counted")
  func notes() throws {
    var notes = EgressNotes()
    let start = Instant(nanoseconds: 1_000_000_000)
    let place = try #require(EgressRequest(place: "a.b:1".utf8))
    #expect(
      notes.refused("w", .tooMany(64), at: start) == "w: \(EgressRefusal.tooMany(64).sentence)")
    #expect(notes.refused("w", .late, at: start + .seconds(1)) == nil)
    #expect(notes.refused("w", .late, at: start + .seconds(59)) == nil)
    #expect(
      notes.refused("v", .late, at: start + .seconds(59)) != nil, "another's minute is its own")
    #expect(
      notes.refused("w", .late, at: start + .seconds(60))
        == "w: \(EgressRefusal.late.sentence) (and 2 more were refused)")
    #expect(
      notes.ended("w", place, out: 3, back: 4, at: start)
        == "w: 1 tunnel ended, the last to a.b:1: 3 bytes out, 4 bytes back")
    #expect(notes.ended("w", place, out: 10, back: 20, at: start + .seconds(30)) == nil)
    #expect(
      notes.ended("w", place, out: 1, back: 2, at: start + .seconds(61))
        == "w: 2 tunnels ended, the last to a.b:1: 11 bytes out, 22 bytes back")
  }
}
