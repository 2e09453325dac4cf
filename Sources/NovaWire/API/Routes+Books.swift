// The routes of the books and the budgets. Must never list a route that answers 404.

extension APIRoute {
  static let books: [APIRoute] = [
    APIRoute(
      method: "GET", path: "/v1/costs", summary: "What was spent", role: "read",
      parameters: money(by: .of(MoneyGrouping.self)), response: .of(MoneyReport.self)),
    APIRoute(
      method: "GET", path: "/v1/revenue", summary: "What was earned, and what is left of it",
      role: "read", parameters: money(by: .word(["worker", "category", "source"])),
      response: .of(MoneyReport.self)),
    APIRoute(
      method: "POST", path: "/v1/revenue",
      summary: """
        Book a payment, a refund or a dispute. Answered when it is durable; the same id of the same source is \
        booked once, and refused with another amount
        """,
      role: "act", request: .of(RevenueRequest.self), response: .of(RevenueResponse.self)),
    APIRoute(
      method: "GET", path: "/v1/rates", summary: "Rates of exchange, by currency and time",
      role: "read", response: .list(.of(RateRow.self))),
    APIRoute(
      method: "POST", path: "/v1/rates",
      summary: """
        Say what a unit of a currency is worth from some moment on. Payments of the seven days after it are \
        converted at it where the platform did not say what it settled
        """,
      role: "act", request: .of(RateRequest.self), response: .of(RateRow.self)),
    APIRoute(
      method: "GET", path: "/v1/audit",
      summary:
        "Whether the ledger of money is what was booked: every hash and total computed again",
      role: "read",
      parameters: [
        .number("entries", 0...Int64.max, "How many there were when the head was noted"),
        Parameter(name: "head", shape: .text, summary: "The last hash as it was noted"),
      ], response: .of(AuditResponse.self)),
    APIRoute(
      method: "GET", path: "/v1/entries", summary: "The lines of the ledger of money", role: "read",
      parameters: [
        target,
        .number("after", 0...Int64.max, "Lines with a greater id: the next page"),
        .time("since", "RFC 3339, by the time of booking"),
        Parameter(name: "income", shape: .flag, summary: "Only revenue, refunds and disputes"),
        .number("limit", 1...10_000, "The newest so many (100); with `after` the first after it"),
      ], response: .list(.of(EntryRow.self))),
    APIRoute(
      method: "GET", path: "/v1/budgets", summary: "Limits, what was spent, who is held",
      role: "read", response: .of(BudgetReport.self), isTagged: true),
    APIRoute(
      method: "POST", path: "/v1/budgets", summary: "Set a limit by hand", role: "act",
      request: .of(BudgetSetRequest.self), response: .of(BudgetReport.self), isTagged: true),
    APIRoute(
      method: "POST", path: "/v1/budgets/reserve",
      summary: """
        Set money aside before it is spent, on every limit or on none; 402 `budget_exhausted` when it does not \
        fit. A worker's own process reserves for its worker alone
        """,
      role: "worker", request: .of(BudgetReserveRequest.self), response: .of(ReservationRow.self)),
    APIRoute(
      method: "POST", path: "/v1/budgets/settle", summary: "Say what a reservation cost",
      role: "worker", request: .of(BudgetSettleRequest.self), response: .of(ReservationRow.self)),
    APIRoute(
      method: "POST", path: "/v1/budgets/release", summary: "Give a reservation back",
      role: "worker", request: .of(BudgetReleaseRequest.self), response: .of(ReservationRow.self)),
  ]

  private static func money(by: TypeShape) -> [Parameter] {
    [
      target,
      .time("since", "RFC 3339"),
      .time("until", "RFC 3339"),
      Parameter(name: "period", shape: .of(MoneyPeriod.self), summary: "A row for each"),
      Parameter(name: "by", shape: by, summary: "A row for each (`worker`)", repeats: true),
      Parameter(
        name: "view", shape: .of(RevenueView.self),
        summary: "Dated by booking, or by the start of the run that earned it (`cash`)"),
    ]
  }
}
