// The supervisor as typed questions and answers, and what every command has at hand. Must never show an error
// of libcurl or HTTP where a sentence with a remedy is known.

package import NovaModel
import NovaWire

/// What a command runs with.
package struct Session {
  /// Where output goes.
  package var console: Console
  /// The supervisor.
  package var connection: Connection
  /// The process's environment, read once.
  package var environment: [String: String]
  /// The civil time, for `--since 10m`.
  package var now: () -> WallTime

  /// Puts a session together.
  package init(
    console: Console, connection: Connection, environment: [String: String],
    now: @escaping () -> WallTime
  ) {
    self.console = console
    self.connection = connection
    self.environment = environment
    self.now = now
  }
}

/// One command being run.
package struct Invocation: ~Copyable {
  /// The verb's name.
  package let verb: String
  /// Its words and options.
  package let arguments: ParsedArguments
  /// What it runs with.
  package let session: Session

  var console: Console { session.console }

  /// How the answer is shown.
  enum Form: String { case table, wide, json, jsonl, name }

  var form: Form { arguments.value("output").flatMap(Form.init) ?? .table }
  var quiet: Bool { arguments.has("quiet") }
  var dryRun: Bool { arguments.has("dry-run") }

  /// The targets of the command line; `--all` is `*`.
  var targets: [String] { arguments.has("all") ? ["*"] : arguments.words }

  /// A sentence, unless -q.
  func say(_ text: String) throws(ClientError) {
    if !quiet { try console.line(CleanText.forTerminal(text)) }
  }

  /// A sentence on stderr.
  func warn(_ text: String) { console.complain("novasup: " + CleanText.forTerminal(text)) }

  /// Shows a table as `-o` and the terminal want it.
  func show(_ table: Table) throws(ClientError) {
    let width = form == .wide ? nil : console.width
    try console.raw(
      table.bytes(header: !arguments.has("no-headers"), colour: console.colour, width: width))
  }

  /// Writes an answer as it came, on one line with a newline at its end.
  func showJSON(_ bytes: [UInt8]) throws(ClientError) {
    try console.raw(bytes.last == 0x0A ? bytes : bytes + [0x0A])
  }

  /// Writes each element of a JSON array on a line.
  func showJSONLines(_ bytes: [UInt8]) throws(ClientError) {
    guard let value = try? JSONParser.parse(bytes) else {
      throw .cannot("read the answer", "it is not JSON")
    }
    for element in value.elements ?? [value] { try console.raw(element.bytes() + [0x0A]) }
  }

  // MARK: Calls

  /// `--timeout`, in seconds.
  func timeoutSeconds() throws(ClientError) -> Double? {
    try arguments.span("timeout", verb: verb).map { Double($0.wholeMilliseconds) / 1000 }
  }

  /// `GET path`; the bytes of a good answer. `purpose` completes "cannot …".
  func get(
    _ path: String, _ query: QueryParameters = .init(), to purpose: String,
    timeoutSeconds: Double? = nil
  ) throws(ClientError) -> [UInt8] {
    let asked = try self.timeoutSeconds()
    let limit = timeoutSeconds ?? asked ?? 30
    return try call(
      .init(path: path, query: query, timeoutSeconds: limit), to: purpose)
  }

  /// `POST path` with a body.
  func post(
    _ path: String, _ body: some Encodable, to purpose: String, timeoutSeconds: Double?
  ) throws(ClientError) -> [UInt8] {
    try call(
      .init(
        method: "POST", path: path, body: APICoding.encode(body), timeoutSeconds: timeoutSeconds),
      to: purpose)
  }

  /// Decodes a good answer.
  func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) throws(ClientError) -> T {
    do throws(APIError) {
      return try APICoding.decodeAnswer(type, from: bytes)
    } catch {
      throw Self.unreadable(error)
    }
  }

  /// The rows of `GET /v1/workers`.
  func rows(_ bytes: [UInt8]) throws(ClientError) -> [WorkerRow] {
    do throws(APIError) {
      return try APICoding.decodeRows(from: bytes)
    } catch {
      throw Self.unreadable(error)
    }
  }

  private static func unreadable(_ error: APIError) -> ClientError {
    .cannot(
      "read the answer", error.message, hint: "novasup and the supervisor may differ in version")
  }

  /// A call whose answer must be good.
  func call(
    _ call: Connection.Call, to purpose: String,
    onBytes: (([UInt8]) throws(ClientError) -> Void)? = nil
  ) throws(ClientError) -> [UInt8] {
    let answer: Connection.Answer
    do throws(Connection.Failure) {
      answer = try session.connection.perform(call, onBytes: onBytes)
    } catch {
      throw Self.explain(error, to: purpose, socket: session.connection.socket)
    }
    guard (200...299).contains(answer.status) else {
      throw Self.refusal(answer, to: purpose)
    }
    return answer.body
  }

  static func explain(
    _ failure: Connection.Failure, to purpose: String, socket: String
  ) -> ClientError {
    switch failure {
    case .stopped(let error): error
    case .timedOut:
      .cannot(
        purpose, "no answer in time", hint: "a job that was begun goes on; see --timeout",
        code: .timedOut)
    case .unreachable(let why):
      .cannot(
        purpose, "the supervisor cannot be reached at \(socket): \(why)",
        hint: "systemctl start nova-supervisor", code: .unreachable)
    }
  }

  static func refusal(_ answer: Connection.Answer, to purpose: String) -> ClientError {
    guard let body = try? APICoding.decodeAnswer(ErrorBody.self, from: answer.body) else {
      return .cannot(
        purpose, "the supervisor answered HTTP \(answer.status)", hint: "see its journal")
    }
    let error = body.error
    let hint: String? =
      switch error.code {
      // The supervisor's own sentence ends with its advice; ours is for one that gave none.
      case .denied where !error.message.hasSuffix(")"):
        "root and the group nova-admin may act, the group nova may read"
      case .noSuchWorker: "see `novasup ps`"
      case .unavailable where !error.message.contains("try again"): "try again"
      default: nil
      }
    return .cannot(
      purpose, CleanText.forTerminal(error.message), hint: hint, code: error.code.exitCode)
  }
}
