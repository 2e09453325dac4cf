// `audit verify`: is the ledger of money what was booked? Must never say so of what was not looked at.

import NovaWire

/// The verb `audit`.
enum Audit {
  static let command = CommandSpec(
    name: "audit",
    abstract: "Verify that no entry of the ledger of money was altered, removed or moved",
    discussion: """
      Every entry carries a hash of itself and of the one before. `verify` computes all of them again, and every \
      total, and names each row that does not fit; exit 1 when one does not. It prints the number of entries and the \
      last hash: noted elsewhere and given to a later run with --entries and --head, they also show rows cut off at \
      the end, and a chain that was written anew.
      """,
    arguments: [
      ArgumentSpec(name: "WHAT", abstract: "verify", kind: .choice(["verify"]))
    ],
    options: [
      OptionSpec("entries", value: "N", "How many entries there were when the head was noted"),
      OptionSpec("head", value: "HASH", "The last hash as it was noted"),
    ],
    examples: [
      .init("novasup audit verify", "is the ledger intact?"),
      .init(
        "novasup audit verify --entries 1200 --head 9f86d0…",
        "and is all there that was there in January?"),
    ],
    run: { (call) throws(ClientError) in
      var query = AuditQuery()
      query.entries = try call.arguments.number("entries", 1...Int.max, verb: "audit").map(
        Int64.init)
      query.head = call.arguments.value("head")
      guard (query.entries == nil) == (query.head == nil) else {
        throw .usage("--entries and --head go together", verb: "audit")
      }
      let asked = try call.timeoutSeconds()
      let bytes = try call.get(
        "/v1/audit", query.parameters, to: "verify the ledger", timeoutSeconds: asked ?? 3600)
      let response = try call.decode(AuditResponse.self, bytes)
      if call.form == .json || call.form == .jsonl {
        try call.showJSON(bytes)
      } else {
        for finding in response.findings {
          try call.console.line("\(finding.kind): \(CleanText.forTerminal(finding.message))")
        }
        if response.more { try call.console.line("and more") }
        try call.say(
          "\(response.intact ? "intact" : "NOT intact"): \(Format.plural(Int(response.entries), "entry", "entries")), head \(response.head)"
        )
      }
      return response.intact ? .ok : .failed
    })
}
