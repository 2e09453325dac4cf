// The edge: one loop that serves the page and the API on TCP where the configuration says so, and follows the
// supervisor. Must never hold fleet state, and never exit because the supervisor is away.

import Glibc
import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

/// Why the edge did not start, for people.
package struct EdgeFailure: Error, Sendable {
  /// `cannot X: why (what to do)`.
  package let sentence: String
}

/// Everything the running edge holds; extended, a topic a file.
package final class Edge {
  /// Where things are.
  package let options: EdgeOptions
  let loop: EventLoop
  let client: HTTPClient
  let link: BrainLink
  let pass: PassThrough
  let files: PageFiles
  let live: LiveHub
  let alerts: AlertDesk
  let gateway: Gateway
  let sessions: SessionCookie
  let service = ServiceManager()
  var tokens = TokenFile(path: nil)
  var settings: EdgeSettings?
  var server: HTTPServer?
  var sources: [Source] = []
  var retryListening: NovaLinux.Timer?
  var watchdog: NovaLinux.Timer?
  var said = ""
  /// 20 wrong tokens at once from one address, then one each 3 s: far above a typing person, far below a search.
  var wrong = RateLimit(burst: 20, refill: .seconds(3))
  /// 200 requests at once of one caller, then 50 a second.
  var asked = RateLimit(burst: 200, refill: .milliseconds(20))
  private var finish: Int32?

  /// Builds an edge that is ready to run.
  package init(_ options: EdgeOptions) throws(EdgeFailure) {
    self.options = options
    do throws(SystemError) {
      loop = try EventLoop()
      client = try HTTPClient(loop: loop)
      link = try BrainLink(client: client, socket: options.socket, loop: loop)
      live = try LiveHub(client: client, socket: options.socket, loop: loop)
      try Directory.make(options.state, mode: 0o700)
      alerts = try AlertDesk(
        client: client,
        secrets: Secrets(credentials: options.credentials, file: options.secrets),
        state: options.state, loop: loop)
      gateway = try Gateway(
        client: client, socket: options.socket,
        secrets: Secrets(credentials: options.credentials, file: options.secrets),
        state: options.state, loop: loop)
    } catch {
      throw EdgeFailure(sentence: "\(error.message) (say where with --state)")
    }
    sessions = SessionCookie(key: try Edge.key(options.state + "/session.key"))
    pass = PassThrough(client: client, socket: options.socket, headers: EdgeAnswer.fresh)
    files = PageFiles(page: options.page, charts: options.charts)
    do throws(SystemError) {
      for number in [SIGTERM, SIGINT] {
        sources.append(try loop.signal(number) { [weak self] in self?.finish = 0 })
      }
      retryListening = try loop.timer { [weak self] in self?.listen() }
      if let period = service.watchdogPeriod {
        watchdog = try loop.timer { [weak self] in self?.ping(period) }
        watchdog?.arm(at: Clock.now().instant)
      }
    } catch {
      throw EdgeFailure(sentence: error.message)
    }
    link.onTrouble = { [weak self] in self?.say($0) }
    link.onSettings = { [weak self] in self?.apply($0) }
    link.onPlace = { [weak self] in self?.alerts.begin(at: $0) }
    link.onEvent = { [weak self] in
      self?.live.tell($0)
      self?.alerts.take($0)
    }
    alerts.onTrouble = { [weak self] in self?.say($0) }
    gateway.onTrouble = { [weak self] in self?.say($0) }
    alerts.onReport = { [weak self] in self?.report($0) }
  }

  /// Runs until a signal ends it; the exit code.
  package func run() -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    link.start(after: alerts.cursor)
    service.notify("READY=1", "STATUS=waiting for the supervisor")
    while finish == nil {
      do {
        _ = try loop.turn(limit: 256, timeout: nil)
      } catch {
        say(error.message)
      }
    }
    service.notify("STOPPING=1")
    alerts.close()
    gateway.close()
    server?.close()
    return finish ?? 0
  }

  /// What became of a message, for the supervisor's history; one that cannot be told now is told in our own log alone.
  private func report(_ report: DeliveryReport) {
    var order = HTTPOrder.brain(options.socket, "POST", "/v1/deliveries", for: nil)
    order.headers.append("Content-Type: application/json")
    order.body = APICoding.encode(report)
    _ = client.start(order) { _ in }
  }

  private func ping(_ period: Span) {
    service.notify("WATCHDOG=1")
    watchdog?.arm(at: Clock.now().instant + period)
  }

  /// The signing key, made at the first start. Whoever can read it can log in.
  private static func key(_ path: String) throws(EdgeFailure) -> [UInt8] {
    if let bytes = try? FileBytes.read(path, limit: 64), bytes.count == 32 { return bytes }
    guard let bytes = Crypto.random(32) else {
      throw EdgeFailure(sentence: "cannot make a key for sessions: the system has no random bytes")
    }
    do {
      try FileBytes.write(bytes, to: path, mode: 0o600)
    } catch {
      throw EdgeFailure(sentence: "\(error.message) (say where with --state)")
    }
    return bytes
  }

  /// A sentence on stderr, which is the journal under systemd; not twice in a row.
  func say(_ sentence: String) {
    guard sentence != said else { return }
    said = sentence
    let bytes = Array("nova-edge: \(CleanText.forTerminal(sentence))\n".utf8)
    _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
  }

  /// The configuration, new or as it was.
  func apply(_ new: EdgeSettings) {
    if tokens.path != new.tokenFile { tokens = TokenFile(path: new.tokenFile) }
    let isMoved = settings?.listen != new.listen
    settings = new
    alerts.configure(new.alerts)
    gateway.configure(new.gateway)
    if isMoved || (server == nil && new.listen != nil) { listen() }
  }

  /// Opens, moves or closes the port.
  private func listen() {
    server?.close()
    server = nil
    guard let text = settings?.listen else {
      service.notify("STATUS=no edge.listen: no port is open")
      return
    }
    guard let address = ListenAddress(text) else {
      return say("cannot listen on \(text): it is no HOST:PORT")
    }
    do {
      server = try HTTPServer(loop: loop, address: address, limits: Edge.limits) {
        [weak self] exchange in self?.route(exchange)
      }
      say(
        "listening on http://\(address.host.contains(":") ? "[\(address.host)]" : address.host):\(server?.portNumber ?? address.port)"
      )
      service.notify("STATUS=listening on \(text)")
    } catch {
      say("\(error.message) (trying again)")
      service.notify("STATUS=cannot listen on \(text)")
      retryListening?.arm(at: Clock.now().instant + .seconds(2))
    }
  }

  /// Tighter than on the Unix socket: anybody can knock here.
  private static var limits: HTTPLimits {
    var limits = HTTPLimits()
    limits.connectionsPerUser = 512
    limits.body = APICoding.maximumRequestBytes
    limits.requestTimeout = .seconds(20)
    return limits
  }
}
