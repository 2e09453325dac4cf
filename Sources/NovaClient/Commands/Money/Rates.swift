// `revenue rate` and `revenue rates`: what other currencies are worth, said by a person. Must never look a rate up anywhere:
// whose word it is has to be known.

import NovaWire

/// Rates of exchange.
enum Rates {
  /// `revenue rate CURRENCY USD`.
  static func set(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let words = call.arguments.words
    guard words.count == 3 else {
      throw .usage(
        "revenue rate needs a currency and what one unit of it is in USD, such as EUR 1.0812",
        verb: "revenue")
    }
    var request = RateRequest(currency: words[1], usd: words[2])
    request.since = try Times.text(call.arguments, "at", now: call.session.now(), verb: "revenue")
    let bytes = try call.post(
      "/v1/rates", request, to: "set the rate of \(words[1])", timeoutSeconds: 30)
    if call.form == .json || call.form == .jsonl {
      try call.showJSON(bytes)
      return .ok
    }
    let row = try call.decode(RateRow.self, bytes)
    try call.say("one \(row.currency) is \(row.usd) USD from \(row.since) on")
    return .ok
  }

  /// `revenue rates`.
  static func list(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    guard call.arguments.words.count == 1 else {
      throw .usage("unexpected word \(call.arguments.words[1])", verb: "revenue")
    }
    let bytes = try call.get("/v1/rates", to: "read the rates")
    let rows = try call.decode([RateRow].self, bytes)
    switch call.form {
    case .json: try call.showJSON(bytes)
    case .jsonl: try call.showJSONLines(bytes)
    case .name: for row in rows { try call.console.line(row.currency) }
    case .table, .wide:
      var table = Table([
        Column("CURRENCY"), Column("USD", right: true), Column("SINCE"), Column("SET BY"),
      ])
      table.rows = rows.map { [Cell($0.currency), Cell($0.usd), Cell($0.since), Cell($0.setBy)] }
      try call.show(table)
    }
    return .ok
  }
}
