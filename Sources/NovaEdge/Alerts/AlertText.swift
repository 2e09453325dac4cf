// An alert in words: one line for a phone, a few for a mail. Must never hold a secret: every text passes the redactor.

import NovaModel

/// Words of messages.
package enum AlertText {
  /// `CRITICAL agent-7: loses money …`, on one line.
  package static func line(_ news: AlertNews) -> String {
    let subject = news.worker.map { "\($0): " } ?? ""
    return oneLine("\(word(news)) \(subject)\(news.message)")
  }

  /// The words before it.
  package static func word(_ news: AlertNews) -> String {
    switch news.action {
    case .raise: news.severity.rawValue.uppercased()
    case .resolve: "RESOLVED"
    case .test: "TEST"
    }
  }

  /// Several as one: a line each, the first one counted.
  package static func lines(_ all: [AlertNews]) -> String {
    guard all.count > 1 else { return all.first.map(line) ?? "" }
    return "\(all.count) alerts:\n" + all.map { "• " + line($0) }.joined(separator: "\n")
  }

  /// Without line breaks and control characters: a header and a text message have one line.
  package static func oneLine(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
  }

  /// At most so many characters, with an ellipsis where something was cut.
  package static func cut(_ text: String, _ most: Int) -> String {
    text.count <= most ? text : text.prefix(most - 1) + "…"
  }
}

/// Takes secrets out of texts.
package struct Redactor: Sendable {
  private let secrets: [String]

  /// Knows these; one shorter than 6 characters would take ordinary words out.
  package init(_ secrets: [String]) { self.secrets = secrets.filter { $0.utf8.count >= 6 } }

  /// The text with every secret replaced.
  package func clean(_ text: String) -> String {
    var text = text
    for secret in secrets {
      while let range = text.firstRange(of: secret) {
        text.replaceSubrange(range, with: "[redacted]")
      }
    }
    return text
  }
}
