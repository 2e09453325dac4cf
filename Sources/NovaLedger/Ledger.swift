// stub
package import NovaModel
package final class Ledger {
  package init(path: String, now: WallTime, options: LedgerOptions = LedgerOptions()) throws(LedgerError) {
    throw LedgerError(.other, doing: "open \(path)", message: "not built", remedy: "wait")
  }
  package var completionDescriptor: CInt { -1 }
  package func load() throws(LedgerError) -> DurableState { DurableState() }
  package func submit(_ writes: [LedgerWrite], ticket: UInt64? = nil) {}
  package func drainCompletions() -> [LedgerCompletion] { [] }
  package func close() -> LedgerPending { LedgerPending(writes: 0, bytes: 0, droppedEvents: 0) }
  package func events(_ query: EventQuery) throws(LedgerError) -> [EventRecord] { [] }
  package func usage(since: WallTime) throws(LedgerError) -> [InstanceID: UsageSummary] { [:] }
  package func bookings(of incarnation: Incarnation, limit: Int = 1000) throws(LedgerError) -> [UsageBooking] { [] }
}
