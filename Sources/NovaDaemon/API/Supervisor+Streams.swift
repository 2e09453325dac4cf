// History: what happened, as rows or as it happens.
// Must never let a slow reader hold anything but its own connection.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// `GET /v1/events`.
  func events(_ exchange: Exchange, _ query: EventsQuery) throws(APIError) {
    var question = EventQuery()
    question.limit = query.limit ?? 100
    question.after = query.after ?? exchange.request.header("Last-Event-ID").flatMap { Int64($0) }
    question.before = query.before
    question.newest = question.after == nil
    // Who follows from a place misses nothing between it and now: 1,000 events are half of what may wait unread.
    if query.follow, question.after != nil { question.limit = query.limit ?? 1000 }
    if let type = query.type { question.types = [type] }
    if let text = query.worker {
      guard let name = WorkerName(text) else { throw unknown(text) }
      question.worker = name
    }
    if let text = query.since {
      guard let since = WallTime(rfc3339: text) else {
        throw APIError(
          .badRequest, "since must be a time such as 2026-01-31T12:00:00Z", field: "since")
      }
      question.since = since
    }
    // Asked once this turn's events are on the disk: then nothing lies between the stored and the newest.
    whenDurable { [weak self] in self?.send(question, follow: query.follow, to: exchange) }
  }

  private func send(_ question: EventQuery, follow: Bool, to exchange: Exchange) {
    let stored: [EventRecord]
    do {
      stored = try ledger.events(question)
    } catch {
      return refuse(exchange, APIError(.unavailable, "\(error)"))
    }
    // What is not on the disk yet is newer than everything stored.
    let last = stored.last?.id ?? question.after ?? 0
    let fresh = history.recent.filter { $0.id > last && matches($0, question) }
    let all = stored + fresh
    let found = question.newest ? Array(all.suffix(question.limit)) : all
    // A page from a place ends at its limit: what is newer is on the next one.
    guard follow else { return answer(exchange, found.prefix(question.limit).map(eventRow)) }
    exchange.stream(contentType: "text/event-stream")
    if !question.newest, stored.count >= question.limit {
      // More lie behind these: the stream ends, and its client comes back with the last of them.
      for event in stored { exchange.send(eventRow(event).serverSentEvent) }
      return exchange.end()
    }
    for event in found { exchange.send(eventRow(event).serverSentEvent) }
    let token = history.follow { [weak self, weak exchange] events in
      guard let self, let exchange else { return }
      let found = events.filter { self.matches($0, question) }
      if !found.isEmpty { exchange.send(found.flatMap { self.eventRow($0).serverSentEvent }) }
    }
    exchange.onClose = { [weak self] in self?.history.unfollow(token) }
  }

  private func matches(_ event: EventRecord, _ question: EventQuery) -> Bool {
    if let before = question.before, event.id >= before { return false }
    if let worker = question.worker, event.worker != worker { return false }
    if let since = question.since, event.at < since { return false }
    guard !question.types.isEmpty else { return true }
    return question.types.contains { event.type == $0 || event.type.hasPrefix($0 + ".") }
  }

  func eventRow(_ event: EventRecord) -> EventRow {
    EventRow(
      id: event.id, at: event.at.rfc3339, type: event.type,
      severity: APIWords.severity(event.severity), worker: event.worker?.text,
      instance: event.instance, actor: event.actor, message: event.message,
      details: JSONMap(event.details))
  }
}
