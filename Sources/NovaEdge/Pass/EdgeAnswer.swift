// Answers that the edge makes itself, in the words of the API, and the headers that every one of its answers carries.
// Must never say why a token was not good.

import NovaHTTP
import NovaWire

/// Words and headers of the edge.
enum EdgeAnswer {
  /// Nothing of another origin is loaded or sent to, no script but our files runs, nobody frames us.
  static let contentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    + "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

  /// For everything.
  static let safety: [(String, String)] = [
    ("Content-Security-Policy", contentSecurityPolicy),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
  ]

  /// For what belongs to one caller at one time.
  static let fresh: [(String, String)] = safety + [("Cache-Control", "no-store")]

  /// `{"error":{"code","message","field"}}`.
  static func error(_ code: String, _ message: String) -> [UInt8] {
    JSONValue.object([
      .init(
        "error",
        .object([
          .init("code", .string(code)), .init("message", .string(message)), .init("field", .null),
        ]))
    ]).bytes()
  }

  /// Refuses an exchange.
  static func refuse(
    _ exchange: Exchange, _ status: Int, _ code: String, _ message: String,
    _ more: [(String, String)] = []
  ) {
    exchange.respond(status, body: error(code, message), headers: fresh + more)
  }
}
