// A "no" in the words of the provider that was asked, so that its own client understands it. Must never hold a key, and never
// makes a client try again what cannot be had.

package import NovaModel

/// Why a call is not forwarded.
package enum ModelRefusal: Sendable, Hashable {
  /// There is no money left; when there is again, RFC 3339, and whether somebody was asked.
  case budget(String)
  /// Too many calls or tokens a minute, or at once; seconds until it may be tried.
  case rate(String, seconds: Int64)
  /// The model, the path or the provider is not for this worker.
  case denied(String)
  /// The question cannot be read or priced.
  case invalid(String)
  /// Nobody knows who asks.
  case unknown
  /// It is too long.
  case tooLarge(String)
  /// The provider or the supervisor does not answer; it may be tried again.
  case unavailable(String, seconds: Int64)
  /// The provider did not answer as its API says.
  case broken(String)

  /// The HTTP status.
  package var status: Int {
    switch self {
    case .budget: 402
    case .rate: 429
    case .denied: 403
    case .invalid: 400
    case .unknown: 401
    case .tooLarge: 413
    case .unavailable: 503
    case .broken: 502
    }
  }

  /// For people.
  package var message: String {
    switch self {
    case .budget(let text), .rate(let text, _), .denied(let text), .invalid(let text),
      .tooLarge(let text), .unavailable(let text, _), .broken(let text):
      text
    case .unknown: "the key is not one that nova-supervisor gave to a worker"
    }
  }

  /// `x-should-retry` is obeyed by both official clients, whatever the status.
  package var headers: [(String, String)] {
    switch self {
    case .rate(_, let seconds), .unavailable(_, let seconds):
      [("x-should-retry", "true"), ("Retry-After", String(max(1, seconds)))]
    default: [("x-should-retry", "false")]
    }
  }

  /// The body in the words of that API; `id` names the call.
  package func body(_ kind: GatewayProvider.Kind, id: String) -> [UInt8] {
    switch kind {
    case .anthropic:
      JSONValue.object([
        .init("type", .string("error")),
        .init(
          "error",
          .object([.init("type", .string(anthropicType)), .init("message", .string(message))])),
        .init("request_id", .string(id)),
      ]).bytes()
    case .openai:
      JSONValue.object([
        .init(
          "error",
          .object([
            .init("message", .string(message)), .init("type", .string(openAIType)),
            .init("param", .null), .init("code", .string(code)),
          ]))
      ]).bytes()
    }
  }

  private var anthropicType: String {
    switch self {
    case .budget: "billing_error"
    case .rate: "rate_limit_error"
    case .denied: "permission_error"
    case .invalid: "invalid_request_error"
    case .unknown: "authentication_error"
    case .tooLarge: "request_too_large"
    case .unavailable: "overloaded_error"
    case .broken: "api_error"
    }
  }

  private var openAIType: String {
    switch self {
    case .budget: "insufficient_quota"
    case .rate: "rate_limit_exceeded"
    case .denied, .invalid, .unknown, .tooLarge: "invalid_request_error"
    case .unavailable, .broken: "server_error"
    }
  }

  /// OpenAI's `code`, and the word in the records.
  package var code: String {
    switch self {
    case .budget: "nova_budget_exceeded"
    case .rate: "nova_rate_limited"
    case .denied: "nova_denied"
    case .invalid: "nova_invalid"
    case .unknown: "invalid_api_key"
    case .tooLarge: "nova_too_large"
    case .unavailable: "nova_unavailable"
    case .broken: "nova_bad_answer"
    }
  }
}
