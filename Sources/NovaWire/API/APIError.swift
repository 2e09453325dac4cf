// What can go wrong between a client and the supervisor, one word each, with its HTTP status and the exit
// code of novasup beside it. Must never gain a case without a row in docs/reference/exit-codes.md.

/// The word in `{"error":{"code":…}}`.
package enum APIErrorCode: String, Codable, Sendable, Hashable, CaseIterable {
  /// The operation was tried and failed.
  case failed
  case badRequest = "bad_request"
  case unknownField = "unknown_field"
  case tooLarge = "too_large"
  /// The page or resource does not exist.
  case notFound = "not_found"
  case noSuchWorker = "no_such_worker"
  case methodNotAllowed = "method_not_allowed"
  /// The worker exists and does not run, and the action needs it to.
  case notRunning = "not_running"
  case approvalRequired = "approval_required"
  /// Permission, policy or budget says no.
  case denied
  /// A budget has less left than was asked for.
  case budgetExhausted = "budget_exhausted"
  /// Something that had to hold does not: `--current`, bounds, a full host.
  case preconditionFailed = "precondition_failed"
  /// A path that the caller named cannot be used.
  case unusablePath = "unusable_path"
  /// Part of the contract, not built yet.
  case notBuiltYet = "not_built_yet"
  /// The supervisor is starting, draining or overloaded: try again.
  case unavailable
  case timedOut = "timed_out"
  /// A bug of the supervisor.
  case `internal`

  /// The HTTP status it is sent with.
  package var httpStatus: Int {
    switch self {
    case .failed, .internal: 500
    case .badRequest, .unknownField: 400
    case .tooLarge: 413
    case .notFound, .noSuchWorker: 404
    case .methodNotAllowed: 405
    case .notRunning, .approvalRequired, .unusablePath: 409
    case .denied: 403
    case .budgetExhausted: 402
    case .preconditionFailed: 412
    case .notBuiltYet: 501
    case .unavailable: 503
    case .timedOut: 504
    }
  }

  /// The exit code of novasup.
  package var exitCode: ExitCode {
    switch self {
    case .failed, .notFound, .methodNotAllowed, .unusablePath, .internal: .failed
    case .badRequest, .unknownField, .tooLarge, .notBuiltYet: .usage
    case .noSuchWorker: .noSuchWorker
    case .notRunning: .notRunning
    case .approvalRequired: .approvalRequired
    case .denied, .budgetExhausted: .denied
    case .preconditionFailed: .preconditionFailed
    case .unavailable: .unreachable
    case .timedOut: .timedOut
    }
  }
}

/// The exit codes of novasup, one table for all verbs.
package enum ExitCode: Int32, Sendable, Hashable, CaseIterable {
  case ok = 0
  case failed = 1
  case usage = 2
  case notRunning = 3
  case noSuchWorker = 4
  case approvalRequired = 6
  case denied = 7
  case preconditionFailed = 8
  case unreachable = 69
  case timedOut = 124
  case interrupted = 130

  /// What it means, for people.
  package var meaning: String {
    switch self {
    case .ok: "done"
    case .failed: "the operation failed"
    case .usage: "wrong usage: an unknown verb, flag or value"
    case .notRunning: "not running"
    case .noSuchWorker: "no such worker"
    case .approvalRequired: "approval is required; the decision's id is in the message"
    case .denied: "denied by permission, policy or budget"
    case .preconditionFailed: "a precondition does not hold, such as `scale --current`"
    case .unreachable: "the supervisor cannot be reached"
    case .timedOut: "timed out; the job goes on in the supervisor"
    case .interrupted: "interrupted by Ctrl-C"
    }
  }
}

/// An error on its way through the API.
package struct APIError: Error, Sendable, Hashable {
  /// Which error.
  package var code: APIErrorCode
  /// One sentence for people.
  package var message: String
  /// The request's field it is about.
  package var field: String?

  /// Describes an error.
  package init(_ code: APIErrorCode, _ message: String, field: String? = nil) {
    self.code = code
    self.message = message
    self.field = field
  }

  /// The body it is sent as.
  package var body: ErrorBody {
    ErrorBody(error: .init(code: code, message: message, field: field))
  }
}

/// `{"error":{"code","message","field"}}`.
package struct ErrorBody: Codable, Sendable, Hashable {
  /// The error.
  package var error: Detail

  /// Wraps an error.
  package init(error: Detail) { self.error = error }

  /// The inner object.
  package struct Detail: Codable, Sendable, Hashable {
    package var code: APIErrorCode
    package var message: String
    package var field: String?
    /// Puts an error together.
    package init(code: APIErrorCode, message: String, field: String? = nil) {
      self.code = code
      self.message = message
      self.field = field
    }
  }
}
