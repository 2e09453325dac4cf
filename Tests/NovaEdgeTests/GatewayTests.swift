// What the gateway decides and remembers: whom it leaves alone, which headers it lets through, what it may answer again, and what
// its journal says after it was killed at any byte.

import NovaModel
import NovaWire
import Testing

@testable import NovaEdge

@Suite struct GatewayTests {
  private let start = Instant(nanoseconds: 1_000_000_000)
  private let provider = GatewayProvider(
    name: "p", kind: .anthropic, url: "https://api.example.com", keySecret: "KEY")

  // MARK: the desk

  @Test("five failures in a row and a provider is left alone, then one call tries for all")
  func breaker() {
    var desk = ProviderDesk()
    for _ in 0..<4 { desk.failed("p", at: start) }
    #expect(desk.wait("p", at: start) == nil)
    desk.failed("p", at: start)
    #expect(desk.wait("p", at: start) == ProviderDesk.pause)
    let later = start + ProviderDesk.pause
    #expect(desk.wait("p", at: later) == nil, "one tries")
    #expect(desk.wait("p", at: later) != nil, "the others wait for what it finds")
    desk.failed("p", at: later)
    #expect(desk.wait("p", at: later + .seconds(1)) != nil)
    let well = later + ProviderDesk.pause
    #expect(desk.wait("p", at: well) == nil)
    desk.answered("p")
    #expect(desk.wait("p", at: well) == nil && desk.wait("p", at: well) == nil)
  }

  @Test("a wish for a rest is heeded by all, but not for ever, and not by other providers")
  func rests() {
    var desk = ProviderDesk()
    desk.rests("p", for: .seconds(7), at: start)
    #expect(desk.wait("p", at: start + .seconds(6)) == .seconds(1))
    #expect(desk.wait("q", at: start) == nil)
    #expect(desk.wait("p", at: start + .seconds(7)) == nil)
    desk.rests("p", for: .seconds(86_400), at: start)
    #expect(desk.wait("p", at: start) == ProviderDesk.longestRest)
  }

  @Test("a provider's minute is everybody's: calls are counted before, tokens when they are known")
  func minutes() {
    var desk = ProviderDesk()
    var limited = provider
    limited.requestsPerMinute = 2
    limited.tokensPerMinute = 100
    #expect(desk.takeRequest(limited, at: start) == nil)
    desk.used("p", tokens: 150, at: start)
    #expect(desk.takeRequest(limited, at: start) != nil)
    #expect(desk.takeRequest(limited, at: start + .seconds(31)) == nil)
    #expect(desk.takeRequest(provider, at: start) == nil, "without limits it is not asked")
  }

  // MARK: headers

  @Test("what says who the worker is does not go on, the provider's key does, once")
  func asked() {
    let lines = CallHeaders.request(
      [
        ("x-api-key", "worker"), ("Authorization", "Bearer worker"), ("Connection", "x-secret"),
        ("X-Nova-Run", "7"), ("anthropic-beta", "a"), ("Accept-Encoding", "gzip"), ("X-Empty", ""),
        ("Content-Type", "application/json"), ("bad name", "x"),
      ], provider, key: "real")
    #expect(
      lines == [
        "anthropic-beta: a", "X-Empty;", "Content-Type: application/json", "x-api-key: real",
        "anthropic-version: 2023-06-01", "Expect:", "Accept-Encoding: identity",
      ])
    var other = provider
    other = GatewayProvider(name: "o", kind: .openai, url: other.url, keySecret: "KEY")
    #expect(CallHeaders.request([], other, key: "real").first == "Authorization: Bearer real")
  }

  @Test("an answer keeps its headers but for those of the connection and such that hold the key")
  func answered() {
    let kept = CallHeaders.answer(
      [
        ("request-id", "r"), ("transfer-encoding", "chunked"), ("set-cookie", "a=b"),
        ("x-key", "sk-real-key-1"), ("x-ratelimit", "5"),
      ], without: "sk-real-key-1")
    #expect(kept.map(\.0) == ["request-id", "x-ratelimit"])
    let body = CallHeaders.scrubbed(
      Array("a sk-real-key-1 b sk-real-key-1".utf8), of: "sk-real-key-1")
    #expect(String(decoding: body, as: UTF8.self) == "a [redacted] b [redacted]")
    #expect(
      CallHeaders.scrubbed(Array("nothing".utf8), of: "sk-real-key-1") == Array("nothing".utf8))
  }

  @Test(
    "how long to wait is read as providers say it",
    arguments: [
      ("retry-after", "7", Span.seconds(7)), ("retry-after", "1.5", .seconds(1)),
      ("retry-after-ms", "250", .milliseconds(250)),
      ("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT", nil), ("retry-after", "-1", nil),
      ("retry-after", "99999999999", .seconds(3_600)),
    ] as [(String, String, Span?)])
  func rest(_ name: String, _ value: String, _ expected: Span?) {
    #expect(CallHeaders.rest([(name, value)]) == expected)
  }

  // MARK: paths and cache

  @Test("a path says whose call it is, and no other path is one")
  func paths() {
    #expect(GatewayPath("/v1/messages").endpoint == .messages)
    #expect(GatewayPath("/p/there/v1/chat/completions").provider == "there")
    #expect(GatewayPath("/p/there/v1/chat/completions").endpoint == .chat)
    for path in [
      "/v1/messages/", "/v1/messages/../files", "/p/x", "/", "/v1/files", "//v1/messages",
    ] {
      #expect(GatewayPath(path).endpoint == nil, "\(path)")
    }
  }

  @Test(
    "an answer is given again to the same worker for as long as it is good, and the oldest give way"
  )
  func cache() throws {
    var cache = AnswerCache()
    let key = try #require(AnswerCache.key("w", "p", "/v1/messages", [1]))
    let other = try #require(AnswerCache.key("v", "p", "/v1/messages", [1]))
    #expect(key != other)
    func answer(_ size: Int) -> AnswerCache.Answer {
      AnswerCache.Answer(
        contentType: "application/json", headers: [], body: [UInt8](repeating: 0, count: size),
        until: start + .seconds(60), cost: 5)
    }
    cache.keep(answer(10), for: key)
    #expect(cache.find(key, at: start)?.cost == 5)
    #expect(cache.find(other, at: start) == nil)
    #expect(cache.find(key, at: start + .seconds(60)) == nil)
    cache.keep(answer(AnswerCache.largest + 1), for: key)
    #expect(cache.find(key, at: start) == nil)
    cache.keep(answer(10), for: key)
    for number in 0..<17 {
      let next = try #require(AnswerCache.key("w", "p", "x", [UInt8(number)]))
      cache.keep(answer(AnswerCache.largest), for: next)
    }
    #expect(cache.find(key, at: start) == nil, "64 MiB are full")
  }

  // MARK: the journal

  private func call(_ id: String, _ cost: String) -> GatewayCall {
    var call = GatewayCall(
      id: id, worker: "w", provider: "p", model: "m", at: "2026-01-01T00:00:00Z",
      outcome: .interrupted)
    call.costPicoUSD = cost
    return call
  }

  @Test("cut at every byte, the journal says what is still to be done, and never less than that")
  func journal() {
    func line(_ letter: String, _ word: String, _ body: [UInt8] = []) -> [UInt8] {
      Array("\(letter) \(word)".utf8) + (body.isEmpty ? [] : [0x20] + body) + [0x0A]
    }
    let lines = [
      line("R", "key1", Array("{\"key\":\"key1\"}".utf8)), line("T", "key1", Array("7".utf8)),
      line("B", "a", APICoding.encode(call("a", "100"))),
      line("B", "b", APICoding.encode(call("b", "100"))),
      line("E", "a", APICoding.encode(call("a", "40"))), line("D", "a"),
      line("E", "b", APICoding.encode(call("b", "30"))), line("R", "key2", Array("{}".utf8)),
      line("X", "key2"),
      line("D", "b"), line("C", "7"),
    ]
    let whole = Array(lines.joined())
    var ends: Set<Int> = [0]
    for line in lines { ends.insert((ends.max() ?? 0) + line.count) }
    var before = JournalRest()
    for cut in 0...whole.count {
      let rest = CallJournal.read(Array(whole[..<cut]))
      // Half a line counts for nothing: it is as it was before.
      if !ends.contains(cut) { #expect(rest == before) }
      before = rest
    }
    #expect(before.isEmpty)
    let under = CallJournal.read(Array(lines[..<5].joined()))
    #expect(under.open == [7] && under.asked.isEmpty)
    #expect(under.calls.map(\.costPicoUSD) == ["40", "100"])
    #expect(CallJournal.read(Array("nonsense\nE x notjson\nC y\nT\n".utf8)).isEmpty)
  }
}
