// Carries out what the dispatcher asks for: requests, programs, journal entries, and the outbox on the disk before
// anything is sent. Must never send what is not on the disk, and never let a secret into a log.

import Glibc
import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

/// Delivers alerts. Belongs to the loop's thread.
final class AlertDesk {
  /// A final outcome, for the supervisor's history.
  var onReport: ((DeliveryReport) -> Void)?
  /// A sentence for the log, without secrets.
  var onTrouble: ((String) -> Void)?

  private let client: HTTPClient
  private let secrets: Secrets
  private let path: String
  private let host: String
  private let journal = Journal()
  private let programs: ProgramRunner
  private var dispatcher: Dispatcher
  private var settings = AlertSettings()
  private var timer: NovaLinux.Timer?
  private var isSaved = true
  private var savedCursor: Int64 = 0
  /// Sends that wait for the outbox to be on the disk.
  private var waiting: [[Delivery]] = []

  init(client: HTTPClient, secrets: Secrets, state: String, loop: EventLoop) throws(SystemError) {
    self.client = client
    self.secrets = secrets
    path = state + "/outbox.json"
    host = AlertDesk.hostName()
    programs = try ProgramRunner(loop: loop)
    var outbox = Outbox()
    if let bytes = try? FileBytes.read(path, limit: 16 << 20),
      let kept = try? APICoding.decodeAnswer(Outbox.self, from: bytes)
    {
      outbox = kept
    }
    dispatcher = Dispatcher(outbox, seed: Clock.boottime())
    timer = try loop.timer { [weak self] in
      guard let self else { return }
      perform(dispatcher.tick(at: Clock.now().wall))
    }
  }

  /// The event after which the stream is to go on.
  var cursor: Int64? { dispatcher.outbox.cursor }

  func configure(_ settings: AlertSettings) {
    guard settings != self.settings else { return }
    self.settings = settings
    var zones: [String: TimeZoneRules] = [:]
    for name in Set(settings.channels.compactMap { $0.quietHours?.timezone })
    where name != "UTC" && !name.contains("..") {
      guard let bytes = try? FileBytes.read("/usr/share/zoneinfo/" + name, limit: 1 << 20),
        let rules = try? TimeZoneFile.read(bytes, name: name)
      else {
        onTrouble?("cannot read the time zone \(name): its quiet hours count as UTC")
        continue
      }
      zones[name] = rules
    }
    if let problem = secrets.problem { onTrouble?(problem) }
    perform(dispatcher.configure(settings, zones: zones, at: Clock.now().wall))
  }

  /// From here on nothing is missed.
  func begin(at event: Int64) {
    dispatcher.seen(event)
    save()
  }

  /// Any event of the supervisor; those that are no alerts only move the place from which the stream goes on, which is
  /// written down each 100 events: so many are looked at again after a crash.
  func take(_ event: EventRow) {
    guard let news = AlertNews(event) else {
      dispatcher.seen(event.id)
      if event.id - savedCursor >= 100 { save() }
      return
    }
    perform(dispatcher.take(news, at: Clock.now().wall))
  }

  /// Before the end: where the stream goes on need not be found again.
  func close() { save() }

  private func perform(_ effects: [Dispatcher.Effect]) {
    var isChanged = false
    for effect in effects {
      switch effect {
      case .save: isChanged = true
      case .send(let deliveries): waiting.append(deliveries)
      case .wake(let at):
        timer?.arm(at: Clock.now().instant + max(.milliseconds(10), at - Clock.now().wall))
      case .report(let delivery, let ok, let sentence): report(delivery, ok, sentence)
      }
    }
    if isChanged { save() }
    let sends = waiting
    waiting = []
    for deliveries in sends { send(deliveries) }
  }

  private func save() {
    do {
      try FileBytes.write(APICoding.encode(dispatcher.outbox), to: path, mode: 0o600)
      isSaved = true
      savedCursor = dispatcher.outbox.cursor ?? 0
    } catch {
      // Sending goes on: a message that may come twice after a crash is better than none.
      if isSaved {
        onTrouble?("\(error.message): alerts do not survive a crash until it can be written")
      }
      isSaved = false
    }
  }

  private func report(_ delivery: Delivery, _ ok: Bool, _ sentence: String) {
    let whom = delivery.to.map { "\($0): " } ?? ""
    let words = redactor(nil).clean(ok ? sentence : whom + sentence)
    if !ok { onTrouble?("cannot deliver an alert to \(delivery.channel): \(words)") }
    onReport?(
      DeliveryReport(
        event: delivery.news.event, channel: delivery.channel,
        action: delivery.news.action.rawValue,
        ok: ok, attempts: delivery.attempts, message: words))
  }

  private func redactor(_ secret: String?) -> Redactor {
    Redactor(
      Array(secrets.all().values) + settings.channels.compactMap(\.secret).compactMap(secrets.value)
        + [secret].compactMap(\.self))
  }

  private func send(_ deliveries: [Delivery]) {
    guard let first = deliveries.first,
      let channel = settings.channels.first(where: { $0.name == first.channel })
    else { return }
    func end(_ attempt: Attempt) {
      perform(dispatcher.sent(deliveries, attempt, at: Clock.now().wall))
    }
    let secret = channel.secret.flatMap { secrets.value($0) }
    let redactor = redactor(secret)
    switch channel.kind {
    case .journal:
      for delivery in deliveries {
        let priority =
          ["critical": 2, "warning": 4, "notice": 5][delivery.news.severity.rawValue] ?? 6
        journal.send(
          priority: priority, redactor.clean(AlertText.line(delivery.news)),
          fields: [
            (name: "NOVA_ALERT", value: delivery.news.key),
            (name: "NOVA_ALERT_ACTION", value: delivery.news.action.rawValue),
            (name: "NOVA_WORKER", value: delivery.news.worker ?? ""),
          ])
      }
      end(.delivered)
    case .command:
      programs.run(
        channel.command + AlertDesk.words(first.news, redactor),
        timeout: .seconds(30)
      ) { end($0) }
    default:
      let request = AlertRequest(
        channel: channel, secret: secret, host: host, redactor: redactor)
      do throws(AlertRequest.Impossible) {
        let order = try request.order(deliveries, now: Clock.now().wall)
        let call = client.start(order) { end(request.judge($0, now: Clock.now().wall)) }
        if call == nil { end(.later("no memory", after: nil)) }
      } catch {
        // A secret may be put there at any time: it is looked for again.
        end(.later(error.sentence, after: .seconds(60)))
      }
    }
  }

  /// What a program gets after its own arguments: action, severity, worker, message.
  private static func words(_ news: AlertNews, _ redactor: Redactor) -> [String] {
    [
      news.action.rawValue, news.severity.rawValue, news.worker ?? "",
      redactor.clean(AlertText.oneLine(news.message)),
    ]
  }

  private static func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension AlertNews {
  /// The alert in an event; nil when it is none.
  init?(_ event: EventRow) {
    func detail(_ key: String) -> String? { event.details.values[key] }
    let action: AlertAction
    switch event.type {
    case "alert.raised": action = .raise
    case "alert.resolved": action = .resolve
    case "alert.test": action = .test
    default: return nil
    }
    let kind = detail("kind") ?? "alert"
    self.init(
      event: event.id, action: action, key: "\(kind):\(event.worker ?? "fleet")", kind: kind,
      severity: AlertRoute.Severity(rawValue: detail("severity") ?? event.severity) ?? .warning,
      worker: event.worker, message: event.message, at: event.at, channel: detail("channel"))
  }
}
