// What each service is sent and what its answers mean, from their documented forms. Must never reach a service.

import NovaHTTP
import NovaModel
import NovaWire
import Testing

@testable import NovaEdge

@Suite struct AlertRequestTests {
  static let now = WallTime(microseconds: 1_700_000_000_000_000)
  static let key = "xoxb-a-secret"

  static func request(
    _ kind: AlertChannel.Kind, secret: String? = key,
    _ change: (inout AlertChannel) -> Void = { _ in }
  ) -> AlertRequest {
    var channel = AlertChannel(name: "c", kind: kind)
    channel.secret = secret == nil ? nil : "NAME"
    change(&channel)
    return AlertRequest(
      channel: channel, secret: secret, host: "host-1",
      redactor: Redactor([secret].compactMap(\.self)))
  }

  static func delivery(
    _ action: AlertAction = .raise, message: String = "loses <money> & more\nsecond line"
  ) -> Delivery {
    Delivery(
      id: 3, channel: "c",
      news: AlertNews(
        event: 9, action: action, key: "low_roi:a", kind: "low_roi", severity: .warning,
        worker: "a",
        message: message, at: "2023-11-14T22:13:20Z"), due: 0, made: 0)
  }

  static func json(_ order: HTTPOrder) throws -> JSONValue {
    try JSONParser.parse(order.body ?? [])
  }

  @Test("Slack by an incoming webhook: the secret is the address, the text is escaped")
  func slackWebhook() throws {
    let address = "https://hooks.slack.com/services/T/B/X"
    let request = Self.request(.slack, secret: address)
    let order = try request.order([Self.delivery()], now: Self.now)
    #expect(order.url == address)
    #expect(
      try Self.json(order)["text"]?.text
        == "WARNING a: loses &lt;money&gt; &amp; more second line")
    #expect(
      request.judge(.answered(status: 200, headers: [], body: Array("ok".utf8)), now: Self.now)
        == .delivered)
    guard
      case .refused(let words) = request.judge(
        .answered(status: 404, headers: [], body: Array("no_service \(address)".utf8)),
        now: Self.now)
    else { return #expect(Bool(false), "404 is refused") }
    #expect(!words.contains("hooks.slack.com"))
  }

  @Test("Slack by chat.postMessage: 200 with ok:false is no delivery")
  func slackAPI() throws {
    let request = Self.request(.slack) { $0.to = ["#ops"] }
    let order = try request.order([Self.delivery(.resolve)], now: Self.now)
    #expect(order.url == "https://slack.com/api/chat.postMessage")
    #expect(order.headers.contains("Authorization: Bearer \(Self.key)"))
    #expect(try Self.json(order)["channel"]?.text == "#ops")
    #expect(try Self.json(order)["text"]?.text?.hasPrefix("RESOLVED a: ") == true)
    func judge(_ body: String) -> Attempt {
      request.judge(.answered(status: 200, headers: [], body: Array(body.utf8)), now: Self.now)
    }
    #expect(judge(#"{"ok":true}"#) == .delivered)
    #expect(
      judge(#"{"ok":false,"error":"channel_not_found"}"#) == .refused("Slack: channel_not_found"))
    #expect(
      judge(#"{"ok":false,"error":"rate_limited"}"#) == .later("Slack: rate_limited", after: nil))
    #expect(judge("<html>") == .later("Slack: no answer of Slack", after: nil))
  }

  @Test("Twilio: a form, basic authentication, three segments at most")
  func twilio() throws {
    let request = Self.request(.twilio) {
      $0.account = "AC1"
      $0.from = "+15550100"
      $0.to = ["+15550101"]
    }
    let long = Self.delivery(message: String(repeating: "x", count: 2000))
    let order = try request.order([long], now: Self.now)
    #expect(order.url == "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json")
    #expect(order.credentials == "AC1:\(Self.key)")
    let body = String(decoding: order.body ?? [], as: UTF8.self)
    #expect(body.hasPrefix("To=%2B15550101&From=%2B15550100&Body=WARNING%20a%3A%20x"))
    #expect(body.utf8.count < 600)
    #expect(
      request.judge(.answered(status: 201, headers: [], body: []), now: Self.now) == .delivered)
  }

  @Test("PagerDuty: the end of an incident has the key of its beginning")
  func pagerDuty() throws {
    let request = Self.request(.pagerduty)
    let raise = try Self.json(request.order([Self.delivery()], now: Self.now))
    let resolve = try Self.json(request.order([Self.delivery(.resolve)], now: Self.now))
    #expect(raise["event_action"]?.text == "trigger")
    #expect(resolve["event_action"]?.text == "resolve")
    #expect(raise["dedup_key"] == resolve["dedup_key"])
    #expect(raise["routing_key"]?.text == Self.key)
    #expect(raise["payload"]?["severity"]?.text == "warning")
    #expect(raise["payload"]?["source"]?.text == "host-1")
    #expect(resolve["payload"] == nil)
    #expect(
      request.judge(.answered(status: 202, headers: [], body: []), now: Self.now) == .delivered)
    #expect(
      request.judge(
        .answered(status: 429, headers: [("retry-after", "7")], body: []), now: Self.now)
        == .later("status 429 ", after: .seconds(7)))
    // 1,700,000,000 is 22:13:20 of that day.
    for date in [
      "Tue, 14 Nov 2023 22:14:00 GMT", "Tuesday, 14-Nov-23 22:14:00 GMT",
      "Tue Nov 14 22:14:00 2023",
    ] {
      #expect(
        request.judge(
          .answered(status: 503, headers: [("retry-after", date)], body: []), now: Self.now)
          == .later("status 503 ", after: .seconds(40)))
    }
  }

  @Test("a webhook is signed over its time and body")
  func webhook() throws {
    let request = Self.request(.webhook, secret: "whsec_nova_test") { $0.url = "https://x/y" }
    let order = try request.order([Self.delivery()], now: Self.now)
    let header = try #require(order.headers.first { $0.hasPrefix("X-Nova-Signature: ") })
    let code = try #require(
      Crypto.authenticate(
        Array("1700000000.".utf8) + (order.body ?? []), key: Array("whsec_nova_test".utf8)))
    #expect(header == "X-Nova-Signature: t=1700000000,v1=\(Crypto.hex(code))")
    #expect(try Self.json(order)["event_id"]?.text == "host-1:9:c")
    // The form is Stripe's, so its published vector holds for the arithmetic.
    let golden = Crypto.authenticate(
      Array(#"1700000000.{"id":"evt_1","object":"event"}"#.utf8), key: Array("whsec_nova_test".utf8)
    )
    #expect(
      golden.map(Crypto.hex) == "100f44381fc697a20f66026aca33511179e92d51ac3cd5144168e5cab4f64f09")
  }

  @Test("a mail is RFC 5322, and no text of a worker begins a header")
  func mail() throws {
    let request = Self.request(.smtp, secret: nil) {
      $0.url = "smtp://mail.example.com:587"
      $0.from = "Nova <nova@example.com>"
      $0.to = ["ops@example.com"]
    }
    let order = try request.order(
      [Self.delivery(message: "verlöre Geld\r\nBcc: evil@example.com")], now: Self.now)
    #expect(order.mail?.demandTLS == true)
    #expect(order.mail?.from == "<nova@example.com>")
    let text = String(decoding: order.body ?? [], as: UTF8.self)
    let head = text.components(before: "\r\n\r\n")
    #expect(!head.contains("\r\nBcc:"))
    #expect(head.contains("Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"))
    #expect(head.contains("Subject: =?utf-8?B?"))
    #expect(head.contains("Message-ID: <nova.9.3@host-1>"))
    #expect(
      Self.request(.smtp, secret: nil) { $0.url = "smtp://127.0.0.1:25" }.channel.url != nil)
    let near = Self.request(.smtp, secret: nil) {
      $0.url = "smtp://127.0.0.1:25"
      $0.from = "a@b"
      $0.to = ["c@d"]
    }
    #expect(try near.order([Self.delivery()], now: Self.now).mail?.demandTLS == false)
    #expect(near.judge(.answered(status: 250, headers: [], body: []), now: Self.now) == .delivered)
    #expect(MailText.encoded("ascii only") == "ascii only")
    #expect(MailText.encoded("ü") == "=?utf-8?B?w7w=?=")
  }

  @Test("a secret that a worker has printed into a message is taken out")
  func redaction() throws {
    let request = Self.request(.webhook, secret: Self.key) { $0.url = "https://x/y" }
    let order = try request.order(
      [Self.delivery(message: "key \(Self.key), again \(Self.key)")], now: Self.now)
    #expect(try Self.json(order)["message"]?.text == "key [redacted], again [redacted]")
    #expect(
      request.judge(.failed("cannot reach \(Self.key)"), now: Self.now)
        == .later("cannot reach [redacted]", after: nil))
    #expect(Redactor(["short", ""]).clean("short words stay") == "short words stay")
  }

  @Test("a secret that is not there is a sentence, not a request")
  func noSecret() {
    var channel = AlertChannel(name: "c", kind: .sendgrid)
    channel.secret = "SENDGRID_API_KEY"
    let request = AlertRequest(channel: channel, secret: nil, host: "h", redactor: Redactor([]))
    let error = #expect(throws: AlertRequest.Impossible.self) {
      try request.order([Self.delivery()], now: Self.now)
    }
    #expect(error?.sentence.contains("SENDGRID_API_KEY") == true)
  }
}

extension String {
  fileprivate func components(before mark: String) -> String {
    firstRange(of: mark).map { String(self[..<$0.lowerBound]) } ?? self
  }
}
