// `GET /v1/audit`: asked of the ledger on its own thread. Must never hold the loop.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Verifies the ledger of money; what is wrong is an event as well.
  func audit(_ exchange: Exchange, _ query: AuditQuery) {
    var anchor: AuditAnchor?
    if let entries = query.entries, let head = query.head {
      anchor = AuditAnchor(entries: entries, head: head)
    }
    ask(.audit(anchor), exchange) { [weak self] answer in
      guard let self, case .audit(let report) = answer else { return }
      let findings = report.findings.map {
        AuditResponse.Finding(entry: $0.entry, kind: $0.kind.rawValue, message: $0.sentence)
      }
      if let first = report.findings.first {
        history.record(
          EventRecord(
            at: Clock.now().wall, type: "ledger.audit_failed", severity: .critical,
            message: "the ledger of money is not what was booked: \(first.sentence)",
            details: ["findings": String(findings.count)]))
      }
      self.answer(
        exchange,
        AuditResponse(
          intact: findings.isEmpty, entries: report.entries, head: report.head, findings: findings,
          more: report.more))
    }
  }
}
