// Tests of alert channels and what nova-edge says of its deliveries: both are events. Must never deliver anything.

import NovaHTTP
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// `POST /v1/alerts/test`.
  func testAlert(_ exchange: Exchange, by caller: Caller) throws(APIError) {
    let request = try APICoding.decode(AlertTestRequest.self, from: exchange.request.body)
    let channels = configuration?.settings.alerts.channels ?? []
    guard let channel = channels.first(where: { $0.name == request.channel }) else {
      let names = channels.map(\.name).joined(separator: ", ")
      throw APIError(
        .badRequest,
        "there is no channel \(CleanText.forTerminal(request.channel)) (\(names.isEmpty ? "alerts.channels is empty" : "there are \(names)"))",
        field: "channel")
    }
    let number = history.upcomingID
    history.record(
      EventRecord(
        at: Clock.now().wall, type: "alert.test", severity: .info, actor: caller.actor.text,
        message: "a test of the channel \(channel.name)", details: ["channel": channel.name]))
    answer(exchange, AlertTestResponse(event: number))
  }

  /// `POST /v1/deliveries`.
  func delivered(_ exchange: Exchange) throws(APIError) {
    let report = try APICoding.decode(DeliveryReport.self, from: exchange.request.body)
    let channel = CleanText.forTerminal(report.channel.utf8, limit: 80)
    let reason = CleanText.forTerminal(report.message.utf8, limit: 300)
    history.record(
      EventRecord(
        at: Clock.now().wall, type: report.ok ? "alert.delivered" : "alert.undelivered",
        severity: report.ok ? .info : .warning, actor: "edge",
        message: report.ok
          ? "the message about event \(report.event) was delivered to \(channel)"
          : "the message about event \(report.event) could not be delivered to \(channel): \(reason)",
        details: [
          "channel": channel, "event": String(report.event), "action": report.action,
          "attempts": String(report.attempts), "reason": reason,
        ]))
    answer(exchange, AlertTestResponse(event: report.event))
  }
}
