// A message as the request of its service, and the service's answer as an outcome. Must never put a secret into a
// text, nor take an answer for a delivery that is not one: Slack says 200 to what it refuses.

package import NovaHTTP
package import NovaModel
import NovaWire

/// Builds requests and judges answers; pure.
package struct AlertRequest {
  let channel: AlertChannel
  /// The secret's value; nil where the channel has none, or it was not found.
  let secret: String?
  /// This machine, for people.
  let host: String
  let redactor: Redactor

  /// For one channel.
  package init(channel: AlertChannel, secret: String?, host: String, redactor: Redactor) {
    self.channel = channel
    self.secret = secret
    self.host = host
    self.redactor = redactor
  }

  /// The request of these deliveries; throws a sentence when the channel cannot send at all.
  package func order(_ deliveries: [Delivery], now: WallTime) throws(Impossible) -> HTTPOrder {
    let all = deliveries.map { delivery in
      var news = delivery.news
      news.message = redactor.clean(news.message)
      return news
    }
    guard let first = deliveries.first, let news = all.first else {
      throw Impossible("nothing to say")
    }
    if channel.secret != nil, secret == nil {
      throw Impossible(
        "the secret \(channel.secret ?? "") is not there (put it into edge.env or a systemd credential)"
      )
    }
    let key = secret ?? ""
    switch channel.kind {
    case .slack: return slack(all, key, first.to ?? channel.to.first ?? "")
    case .twilio: return twilio(all, key, first.to ?? channel.to.first ?? "")
    case .pagerduty: return pagerDuty(news, key)
    case .smtp: return mail(all, first, now)
    case .sendgrid: return sendGrid(all, key)
    case .webhook: return try webhook(news, first, now)
    case .command, .journal: throw Impossible("this kind makes no request")
    }
  }

  /// Why a message cannot even be tried.
  package struct Impossible: Error {
    /// A sentence.
    package let sentence: String
    init(_ sentence: String) { self.sentence = sentence }
  }

  private func json(_ url: String, _ body: JSONValue, _ headers: [String] = []) -> HTTPOrder {
    var order = HTTPOrder(url: url)
    order.method = "POST"
    order.headers = ["Content-Type: application/json", "Expect:"] + headers
    order.body = body.bytes()
    order.timeout = .seconds(15)
    order.trust = channel.trust
    // An answer is a word or a small object.
    order.limit = 64 << 10
    return order
  }

  /// The secret is the address of an incoming webhook, or a token of the Web API.
  private var isWebhook: Bool { secret?.hasPrefix("http") == true }

  private func slack(_ all: [AlertNews], _ key: String, _ to: String) -> HTTPOrder {
    // The three characters that mean something in Slack's text.
    let text = AlertText.cut(AlertText.lines(all), 3000).map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      default: String(character)
      }
    }.joined()
    if isWebhook { return json(key, .object([.init("text", .string(text))])) }
    return json(
      (channel.url ?? "https://slack.com/api") + "/chat.postMessage",
      .object([
        .init("channel", .string(to)), .init("text", .string(text)),
        .init("unfurl_links", .bool(false)), .init("unfurl_media", .bool(false)),
      ]), ["Authorization: Bearer \(key)"])
  }

  private func twilio(_ all: [AlertNews], _ key: String, _ to: String) -> HTTPOrder {
    let account = channel.account ?? ""
    var order = HTTPOrder(
      url: (channel.url ?? "https://api.twilio.com")
        + "/2010-04-01/Accounts/\(account)/Messages.json"
    )
    order.method = "POST"
    order.headers = ["Content-Type: application/x-www-form-urlencoded", "Expect:"]
    order.credentials = "\(account):\(key)"
    let from = channel.from ?? ""
    let fields = [
      ("To", to),
      (from.hasPrefix("MG") ? "MessagingServiceSid" : "From", from),
      // Ten segments would cost ten messages: three are enough to say what is wrong.
      ("Body", AlertText.cut(AlertText.lines(all), 460)),
    ]
    order.body = Array(
      fields.map { $0.0 + "=" + FormText.encoded($0.1) }.joined(separator: "&").utf8)
    order.timeout = .seconds(15)
    order.trust = channel.trust
    order.limit = 64 << 10
    return order
  }

  private func pagerDuty(_ news: AlertNews, _ key: String) -> HTTPOrder {
    var members: [JSONValue.Member] = [
      .init("routing_key", .string(key)),
      .init("event_action", .string(news.action == .resolve ? "resolve" : "trigger")),
      .init("dedup_key", .string(String("nova:\(host):\(news.key)".prefix(255)))),
    ]
    if news.action != .resolve {
      let severity =
        ["critical": "critical", "warning": "warning"][news.severity.rawValue] ?? "info"
      members.append(
        .init(
          "payload",
          .object([
            .init("summary", .string(AlertText.cut(AlertText.line(news), 1024))),
            .init("source", .string(host)), .init("severity", .string(severity)),
            .init("timestamp", .string(news.at)),
            .init("component", news.worker.map { .string($0) } ?? .null),
            .init("class", .string(news.kind)),
          ])))
    }
    return json((channel.url ?? "https://events.pagerduty.com") + "/v2/enqueue", .object(members))
  }

  private func sendGrid(_ all: [AlertNews], _ key: String) -> HTTPOrder {
    let to = channel.to.map { JSONValue.object([.init("email", .string($0))]) }
    return json(
      (channel.url ?? "https://api.sendgrid.com") + "/v3/mail/send",
      .object([
        .init("personalizations", .array([.object([.init("to", .array(to))])])),
        .init("from", .object([.init("email", .string(channel.from ?? ""))])),
        .init("subject", .string(subject(all))),
        .init(
          "content",
          .array([
            .object([
              .init("type", .string("text/plain")), .init("value", .string(body(all))),
            ])
          ])),
      ]), ["Authorization: Bearer \(key)"])
  }

  private func webhook(
    _ news: AlertNews, _ delivery: Delivery, _ now: WallTime
  ) throws(Impossible) -> HTTPOrder {
    let id = "\(host):\(news.event):\(channel.name)"
    var order = json(
      channel.url ?? "",
      .object([
        .init("event_id", .string(id)), .init("action", .string(news.action.rawValue)),
        .init("key", .string(news.key)), .init("kind", .string(news.kind)),
        .init("severity", .string(news.severity.rawValue)),
        .init("worker", news.worker.map { .string($0) } ?? .null),
        .init("message", .string(news.message)), .init("at", .string(news.at)),
        .init("host", .string(host)), .init("attempt", .integer(delivery.attempts + 1)),
      ]))
    if let secret {
      // As Stripe signs: the time is part of what is signed, so an old message cannot be sent again.
      let time = now.microseconds / 1_000_000
      let signed = Array("\(time).".utf8) + (order.body ?? [])
      guard let code = Crypto.authenticate(signed, key: Array(secret.utf8)) else {
        throw Impossible("the message cannot be signed")
      }
      order.headers.append("X-Nova-Signature: t=\(time),v1=\(Crypto.hex(code))")
    }
    return order
  }

  private func mail(_ all: [AlertNews], _ first: Delivery, _ now: WallTime) -> HTTPOrder {
    let url = channel.url ?? ""
    var order = HTTPOrder(url: url)
    let from = channel.from ?? ""
    // A server on this machine may be spoken to in the clear; any other must offer TLS.
    let place = url.drop { $0 != "/" }.drop { $0 == "/" }
    let isHere = ["localhost", "127.0.0.1", "[::1]"].contains { place.hasPrefix($0) }
    order.mail = HTTPOrder.Envelope(
      from: MailText.address(from), to: channel.to.map(MailText.address),
      demandTLS: url.hasPrefix("smtp://") && !isHere)
    order.body = MailText.message(
      from: from, to: channel.to, subject: subject(all), body: body(all),
      id: "nova.\(first.news.event).\(first.id)@\(host)", date: now)
    if let account = channel.account { order.credentials = "\(account):\(secret ?? "")" }
    order.timeout = .seconds(30)
    order.trust = channel.trust
    return order
  }

  private func subject(_ all: [AlertNews]) -> String {
    let head = all.count == 1 ? all.first.map(AlertText.line) ?? "" : "\(all.count) alerts"
    return AlertText.cut("[nova \(host)] \(head)", 150)
  }

  private func body(_ all: [AlertNews]) -> String {
    all.map { news in
      "\(AlertText.line(news))\n  since \(news.at), kind \(news.kind)"
    }.joined(separator: "\n\n") + "\n\nNova Supervisor on \(host)\n"
  }

  // MARK: Answers

  /// What an answer that came at `now` means.
  package func judge(_ outcome: HTTPOutcome, now: WallTime) -> Attempt {
    guard case .answered(let status, let headers, let body) = outcome else {
      if case .failed(let reason) = outcome { return .later(redactor.clean(reason), after: nil) }
      return .later("no answer", after: nil)
    }
    let after = headers.first { $0.name == "retry-after" }
      .flatMap { HTTPDate.retryAfter($0.value, now: now) }
      .map { max(.seconds(1), min($0, .seconds(86_400))) }
    let said = AlertText.cut(
      redactor.clean(AlertText.oneLine(String(decoding: body.prefix(200), as: UTF8.self))), 120)
    if channel.kind == .smtp { return status < 400 ? .delivered : mailRefusal(status) }
    switch status {
    case 200...299:
      guard channel.kind == .slack, !isWebhook else { return .delivered }
      let answer = try? JSONParser.parse(body)
      if answer?["ok"] == .bool(true) { return .delivered }
      let word = answer?["error"]?.text ?? "no answer of Slack"
      return [
        "ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable",
      ]
      .contains(word) || answer == nil
        ? .later("Slack: \(AlertText.cut(word, 60))", after: after)
        : .refused("Slack: \(AlertText.cut(word, 60))")
    case 408, 425, 429, 500...599: return .later("status \(status) \(said)", after: after)
    default: return .refused("status \(status) \(said)")
    }
  }

  private func mailRefusal(_ status: Int) -> Attempt {
    // RFC 5321: 4xx is for now, 5xx for good.
    status >= 500
      ? .refused("the mail server said \(status)")
      : .later("the mail server said \(status)", after: nil)
  }
}
