// Alerts: what the facts say is put before the book, and what the book says becomes history and a row of the ledger.
// Must never deliver: channels follow the events.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Reads every alert from the facts of a tick.
  func readAlerts(_ inputs: [DecisionInputs], _ glances: [WorkerGlance], at now: Moment) {
    engine.alerts.debounce = configuration?.settings.decisionAlertDelay ?? .seconds(900)
    for one in inputs {
      for (key, reading) in AlertRules.readings(one.worker, one.settings) {
        take(engine.alerts.read(key, reading, at: now))
      }
    }
    for glance in glances { readHealth(glance, at: now) }
    if let fleetFacts = inputs.first?.fleet { readFleet(fleetFacts, at: now) }
    engine.lost = [:]
    // Of a worker that is gone nothing is wrong any more.
    for key in engine.alerts.active.keys {
      if let worker = key.worker, fleet.worker(worker) == nil {
        take(engine.alerts.resolve(key, at: now))
      }
    }
  }

  /// An instance has failed or was lost: said at the next beat. Who was lost is mostly up again by then.
  func noteTrouble(_ event: EventRecord) {
    guard let worker = event.worker, let number = event.instance else { return }
    switch event.type {
    case "instance.lost":
      engine.lost[worker, default: []].insert(InstanceID(worker: worker, number: number))
      tickSoon()
    case "instance.failed": tickSoon()
    default: break
    }
  }

  /// The supervisor came back without having been asked to: told at the first tick of a start that found workers.
  func alertRestart() {
    let now = Clock.now()
    let key = AlertKey(.supervisorRestarted)
    take(engine.alerts.read(key, AlertRules.restarted(found: lives.count), at: now))
  }

  private func readHealth(_ glance: WorkerGlance, at now: Moment) {
    // Who was lost is mostly up again by now.
    let lost = engine.lost[glance.name].map { $0.union(glance.lost).sorted() } ?? glance.lost
    for (kind, bad, words) in [
      (AlertKind.workerFailed, glance.failed, "has failed"), (.workerLost, lost, "was lost"),
    ] where !bad.isEmpty || !engine.alerts.active.isEmpty {
      take(
        engine.alerts.read(
          AlertKey(kind, worker: glance.name), AlertRules.trouble(bad, words), at: now))
    }
  }

  private func readFleet(_ facts: FleetFacts, at now: Moment) {
    take(
      engine.alerts.read(
        AlertKey(.unattributed), AlertRules.unattributed(ppm: facts.unattributedPPM), at: now))
    take(
      engine.alerts.read(
        AlertKey(.sourceStale),
        AlertRules.sources(stale: engine.stale.keys.sorted(), silent: Array(engine.silent.values)),
        at: now))
    guard facts.dayLimit > .zero, facts.dayLimit != FleetFacts.unlimited else { return }
    take(
      engine.alerts.read(
        AlertKey(.budgetExceeded),
        AlertRules.budgetExceeded(spent: facts.daySpent, limit: facts.dayLimit), at: now))
    // By how the days of the last four weeks went, hour by hour; linear before there are any.
    guard let (forecast, reached) = desk.forecast(of: Self.fleetRule, at: now.wall) else { return }
    take(
      engine.alerts.read(
        AlertKey(.budgetForecast),
        AlertRules.budgetForecast(total: forecast.total, reached: reached, limit: facts.dayLimit),
        at: now))
  }

  /// Keeps and tells what became of an alert.
  func take(_ change: AlertChange?) {
    let word: String
    let record: AlertRecord
    switch change {
    case nil: return
    case .raised(let alert):
      word = "raised"
      record = alert
    case .resolved(let alert):
      word = "resolved"
      record = alert
    case .acknowledged(let alert):
      word = "acknowledged"
      record = alert
    case .silenced(let alert):
      word = "silenced"
      record = alert
    }
    writes.append(.engine(.alert(record)))
    history.record(
      EventRecord(
        at: Clock.now().wall, type: "alert.\(word)",
        severity: word == "raised" ? record.severity : .info, worker: record.key.worker,
        actor: "engine",
        message: word == "raised"
          ? record.message : "alert \(record.id) \(word): \(record.message)",
        details: [
          "alert": String(record.id), "kind": record.key.kind.rawValue,
          "severity": APIWords.severity(record.severity),
        ]))
  }

  // MARK: pages

  /// `GET /v1/alerts`.
  func alerts(_ exchange: Exchange, _ query: AlertsQuery) throws(APIError) {
    whenDurable { [weak self] in
      guard let self else { return }
      let now = Clock.now().wall
      do throws(LedgerError) {
        let found =
          query.limit == 0
          ? []
          : try ledger.alerts(
            lasting: !query.all, before: query.before ?? .max, limit: query.limit ?? 100)
        answer(exchange, found.map { DecisionPages.row($0, at: now) })
      } catch {
        refuse(exchange, APIError(.unavailable, "\(error)"))
      }
    }
  }

  /// `POST /v1/alerts/ID/ack`.
  func acknowledge(_ exchange: Exchange, _ id: Int64, by actor: Actor) throws(APIError) {
    let now = Clock.now()
    guard let change = engine.alerts.acknowledge(id, by: actor.text, at: now),
      case .acknowledged(let record) = change
    else { throw APIError(.notFound, "there is no lasting alert \(id)") }
    take(change)
    if record.key.kind.isNews { take(engine.alerts.resolve(record.key, at: now)) }
    answerAlert(exchange, id)
  }

  /// `POST /v1/alerts/ID/silence`.
  func silence(_ exchange: Exchange, _ id: Int64, _ request: SilenceRequest, by actor: Actor)
    throws(APIError)
  {
    guard (1...2_592_000).contains(request.seconds) else {
      throw APIError(.badRequest, "seconds must be 1 to 2592000", field: "seconds")
    }
    guard
      let change = engine.alerts.silence(id, for: .seconds(request.seconds), at: Clock.now())
    else { throw APIError(.notFound, "there is no lasting alert \(id)") }
    take(change)
    answerAlert(exchange, id)
  }

  private func answerAlert(_ exchange: Exchange, _ id: Int64) {
    whenDurable { [weak self] in
      guard let self else { return }
      guard
        let found = (try? ledger.alerts(lasting: false, limit: 1000))?.first(where: { $0.id == id })
      else { return refuse(exchange, APIError(.internal, "alert \(id) is gone")) }
      answer(exchange, DecisionPages.row(found, at: Clock.now().wall))
    }
  }
}
