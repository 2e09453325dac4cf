// The API's table: which page, which role, which handler. Every request is judged by the kernel's word for its sender
// before anything of it is read. Must never change anything for a request it refuses.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Answers one request, now or later.
  func route(_ exchange: Exchange) {
    do throws(APIError) {
      try dispatch(exchange)
    } catch {
      refuse(exchange, error)
    }
  }

  private func dispatch(_ exchange: Exchange) throws(APIError) {
    let request = exchange.request
    let path = request.path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    let isGet = request.method == "GET" || request.method == "HEAD"
    let query = QueryParameters(request.query.map { .init($0.0, $0.1) })
    // What no page takes is refused before anything is read: a PUT is no POST.
    if let methods = APIRoute.methods(of: path), !methods.contains(request.method) {
      let error = APIError(
        .methodNotAllowed,
        "\(request.method) is not possible on \(CleanText.forTerminal(request.path))")
      return exchange.respond(
        405, body: APICoding.encode(error.body),
        headers: [("Allow", methods.joined(separator: ", "))])
    }
    // Liveness says nothing about anybody, so anybody may ask.
    if path == ["healthz"] {
      return exchange.respond(200, contentType: "text/plain", body: Array("ok\n".utf8))
    }
    let caller = try caller(of: exchange)
    if !hasAdopted, caller.life == nil, !isGet, Self.isForWorkers(path) {
      // Who lives is not known yet: a worker would be taken for a stranger, and be refused for good.
      throw APIError(.unavailable, "the supervisor is starting; try again with the same id")
    }
    if !isGet { try needConditional(exchange, path) }
    if try engineRoute(exchange, path, isGet: isGet, query, caller) { return }
    switch (path.first, path.dropFirst().first, isGet, path.count) {
    case ("v1", "reports", false, 2): try report(exchange, caller)
    case ("v1", "version", true, 2):
      try caller.need(.worker, exchange)
      answer(exchange, VersionInfo(version: Version.text, pid: ownPID))
    case ("v1", "openapi.json", true, 2):
      try caller.need(.worker, exchange)
      exchange.respond(200, body: OpenAPI.document())
    case ("v1", "workers", true, 2):
      try caller.need(.reader, exchange)
      try list(exchange, TargetsQuery(query))
    case ("v1", "workers", true, 3):
      try caller.need(.reader, exchange)
      try detail(exchange, path[2])
    case ("v1", "workers", true, 4) where path[3] == "processes":
      try caller.need(.reader, exchange)
      answer(exchange, try processes(path[2]))
    case ("v1", "workers", true, 4) where path[3] == "history":
      try caller.need(.reader, exchange)
      try showHistory(exchange, path[2], HistoryQuery(query))
    case ("v1", "workers", true, 4) where path[3] == "runs":
      try caller.need(.reader, exchange)
      try showRuns(exchange, path[2], query)
    case ("v1", "history", true, 2):
      try caller.need(.reader, exchange)
      try showHistories(exchange, HistoryQuery(query))
    case ("v1", "status", true, 2):
      try caller.need(.reader, exchange)
      answer(exchange, systemStatus())
    case ("v1", "health", true, 2):
      try caller.need(.reader, exchange)
      answer(exchange, try health(TargetsQuery(query)))
    case ("v1", "events", true, 2):
      try caller.need(.reader, exchange)
      try events(exchange, EventsQuery(query))
    case ("v1", "logs", true, 2):
      try caller.need(.reader, exchange)
      try logs(exchange, LogsQuery(query))
    case ("v1", "wait", true, 2):
      try caller.need(.reader, exchange)
      try wait(exchange, WaitQuery(query))
    case ("metrics", nil, true, 1):
      try caller.need(.reader, exchange)
      try metrics(exchange, as: MetricsFormat(accept: request.header("Accept")))
    case ("v1", "budgets", true, 2):
      try caller.need(.reader, exchange)
      answer(exchange, budgetReport(), tag: budgetsTag)
    case ("v1", "budgets", false, 2...3):
      try caller.need(.worker, exchange)
      try budgetPage(exchange, caller, path.count == 3 ? path[2] : nil)
    case ("v1", "actions", false, 2):
      try caller.need(.admin, exchange)
      try act(exchange, APICoding.decode(ActionRequest.self, from: request.body), by: caller.actor)
    case ("v1", "run", false, 2):
      try caller.need(.admin, exchange)
      try run(exchange, APICoding.decode(RunRequest.self, from: request.body), by: caller.actor)
    case ("v1", "costs", true, 2):
      try caller.need(.reader, exchange)
      try money(exchange, MoneyQuery(query), costs: true)
    case ("v1", "revenue", true, 2):
      try caller.need(.reader, exchange)
      try money(exchange, MoneyQuery(query), costs: false)
    case ("v1", "revenue", false, 2):
      try caller.need(.admin, exchange)
      try revenue(
        exchange, APICoding.decode(RevenueRequest.self, from: request.body), by: caller.actor)
    case ("v1", "gateway", true, 3) where path[2] == "calls":
      try caller.need(.reader, exchange)
      try listCalls(exchange, CallsQuery(query))
    case ("v1", "gateway", false, 3) where path[2] == "calls":
      try takeCalls(exchange, caller)
    case ("v1", "gateway", true, 3) where path[2] == "prices":
      try caller.need(.reader, exchange)
      try modelPrices(exchange)
    case ("v1", "gateway", false, 3) where path[2] == "prices":
      try caller.need(.admin, exchange)
      try setModelPrices(exchange, by: caller.actor)
    case ("v1", "rates", true, 2):
      try caller.need(.reader, exchange)
      answer(exchange, rateRows())
    case ("v1", "rates", false, 2):
      try caller.need(.admin, exchange)
      try setRate(
        exchange, APICoding.decode(RateRequest.self, from: request.body), by: caller.actor)
    case ("v1", "audit", true, 2):
      try caller.need(.reader, exchange)
      try audit(exchange, AuditQuery(query))
    case ("v1", "entries", true, 2):
      try caller.need(.reader, exchange)
      try entries(exchange, EntriesQuery(query))
    case ("v1", "backups", false, 2):
      try caller.need(.admin, exchange)
      let body = request.body.isEmpty ? Array("{}".utf8) : request.body
      try backUp(exchange, APICoding.decode(BackupRequest.self, from: body), by: caller.actor)
    case ("v1", "backups", true, 2):
      try caller.need(.reader, exchange)
      answer(exchange, backups())
    case ("v1", "reload", false, 2):
      try caller.need(.admin, exchange)
      let body = request.body.isEmpty ? Array("{}".utf8) : request.body
      try reload(exchange, APICoding.decode(ReloadRequest.self, from: body), by: caller.actor)
    case ("v1", "edge", true, 2):
      try caller.need(.reader, exchange)
      answer(exchange, edgeSettings(for: caller))
    case ("v1", "logins", false, 2):
      try caller.need(.reader, exchange)
      try logIn(exchange, caller)
    case ("v1", "logins", false, 3) where path[2] == "redeem":
      try caller.need(.reader, exchange)
      try redeem(exchange)
    case ("v1", "alerts", false, 3) where path[2] == "test":
      try caller.need(.admin, exchange)
      try testAlert(exchange, by: caller)
    case ("v1", "deliveries", false, 2):
      try caller.need(.reader, exchange)
      try delivered(exchange)
    default: throw APIError(.notFound, "there is no page \(CleanText.forTerminal(request.path))")
    }
  }

  /// What workers ask by themselves.
  private static func isForWorkers(_ path: [String]) -> Bool {
    path == ["v1", "reports"] || path.count == 3 && path[0] == "v1" && path[1] == "budgets"
  }

  /// What nova-edge says of whom it has verified.
  private static let roles: [String: Role] = ["read": .reader, "act": .admin]

  /// Who asks, as the kernel says.
  private func caller(of exchange: Exchange) throws(APIError) -> Caller {
    // The API is on a Unix socket alone; an address would be nobody.
    guard let peer = exchange.request.peer.process else {
      throw APIError(.denied, "permission denied (ask on the supervisor's socket)")
    }
    let life = peer.pid > 0 ? life(ofProcess: peer.pid) : nil
    // Before Linux 4.13 the kernel does not tell the groups, and the name service has to.
    let groups =
      peer.groups.map { $0 + [peer.gid] } ?? users.groups(ofUID: peer.uid, gid: peer.gid)
    var role = access.role(uid: peer.uid, groups: groups, isWorker: life != nil)
    if let text = exchange.request.header("X-Nova-Role") {
      guard let wanted = Self.roles[text] else {
        throw APIError(
          .badRequest, "X-Nova-Role is read or act, not \(CleanText.forTerminal(text))")
      }
      role = access.role(uid: peer.uid, groups: groups, isWorker: life != nil, asking: wanted)
    }
    var actor: Actor?
    if let text = exchange.request.header("X-Nova-Actor"),
      access.speaksForOthers(uid: peer.uid, isWorker: life != nil)
    {
      actor = Actor(CleanText.forTerminal(text.utf8, limit: 80))
    }
    // Whoever says for whom it asks does not ask for itself.
    let isEdge =
      exchange.request.header("X-Nova-Role") == nil
      && exchange.request.header("X-Nova-Actor") == nil
      && access.speaksForOthers(uid: peer.uid, isWorker: life != nil)
    return Caller(role: role, peer: peer, life: life, speaksFor: actor, isEdge: isEdge) {
      [self] sentence in
      noteRefusal(actor: actor?.text ?? "uid:\(peer.uid)", sentence)
    }
  }

  /// A refusal for the history.
  func noteRefusal(actor: String, worker: WorkerName? = nil, _ sentence: String) {
    write(
      refusals.note(
        RefusalLog.Line(actor: actor, worker: worker, message: sentence), at: Clock.now().instant))
    if let due = refusals.due { refusalTimer?.arm(at: due) }
  }

  /// What was held back of a minute that is over.
  func endRefusals() {
    write(refusals.over(at: Clock.now().instant))
    if let due = refusals.due { refusalTimer?.arm(at: due) }
  }

  private func write(_ lines: [RefusalLog.Line]) {
    for line in lines {
      history.record(
        EventRecord(
          at: Clock.now().wall, type: "api.denied", severity: .warning, worker: line.worker,
          actor: line.actor, message: line.message))
    }
  }

  /// Sends a value as JSON; `tag`: of what can be set of it.
  func answer(_ exchange: Exchange, _ value: some Encodable, tag: String? = nil) {
    exchange.respond(
      200, body: APICoding.encode(value), headers: tag.map { [("ETag", $0)] } ?? [])
  }

  /// Sends an error.
  func refuse(_ exchange: Exchange, _ error: APIError) {
    exchange.respond(error.code.httpStatus, body: APICoding.encode(error.body))
  }
}

/// Somebody at the other end of the socket.
struct Caller {
  let role: Role
  let peer: PeerIdentity
  /// The worker's life it belongs to, when it is inside one's group.
  let life: Life?
  /// For whom nova-edge asks.
  let speaksFor: Actor?
  /// nova-edge, asking for itself; root is as good.
  let isEdge: Bool
  private let audit: (String) -> Void

  init(
    role: Role, peer: PeerIdentity, life: Life?, speaksFor: Actor?, isEdge: Bool,
    audit: @escaping (String) -> Void
  ) {
    self.role = role
    self.peer = peer
    self.life = life
    self.speaksFor = speaksFor
    self.isEdge = isEdge
    self.audit = audit
  }

  /// For the history.
  var actor: Actor {
    life.map { Actor("worker:\($0.id)") } ?? speaksFor ?? Actor("uid:\(peer.uid)")
  }

  /// Throws unless nova-edge asks for itself; a refusal is an event.
  func needEdge(_ exchange: Exchange) throws(APIError) {
    guard !isEdge else { return }
    audit(
      "uid \(peer.uid) (pid \(peer.pid)) was refused \(exchange.request.method) \(CleanText.forTerminal(exchange.request.path))"
    )
    throw APIError(.denied, "permission denied (only nova-edge says what calls of models cost)")
  }

  /// Throws unless the caller has at least that role; a refusal is an event.
  func need(_ wanted: Role, _ exchange: Exchange) throws(APIError) {
    guard role < wanted else { return }
    audit(
      "\(speaksFor.map { "\($0.text) by " } ?? "")uid \(peer.uid) (pid \(peer.pid)) was refused \(exchange.request.method) \(CleanText.forTerminal(exchange.request.path))"
    )
    let advice =
      switch wanted {
      case .admin:
        role == .worker
          ? "a worker may only report for itself" : "be root or a member of group nova-admin"
      default:
        role == .worker
          ? "a worker may only report for itself"
          : "be root or a member of group nova or nova-admin"
      }
    throw APIError(.denied, "permission denied (\(advice))")
  }
}
