// What budgets keep across a crash: accounts, reservations, limits set by hand and what was done about an empty one.
// Must never hold a monotonic instant or a sum that the ledger's entries do not explain.

/// Whose spending a limit bounds.
package enum BudgetScope: String, Sendable, Hashable, CaseIterable, Comparable {
  /// All workers together.
  case fleet
  /// One worker.
  case worker
  /// One run of a worker; its subject is `WORKER/RUN`.
  case run
  /// One provider of paid calls, such as `anthropic`.
  case provider

  /// Orders from the root to the leaf.
  package static func < (a: BudgetScope, b: BudgetScope) -> Bool {
    allCases.firstIndex(of: a) ?? 0 < allCases.firstIndex(of: b) ?? 0
  }
}

/// One limit's account: a scope, whose, and of which day. Without a day it is for life.
package struct BudgetNode: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let scope: BudgetScope
  /// Empty for the fleet.
  package let subject: String
  /// `CalendarDay.days`; nil is for life.
  package let day: Int64?

  /// Names an account.
  package init(_ scope: BudgetScope, _ subject: String = "", day: Int64? = nil) {
    self.scope = scope
    self.subject = subject
    self.day = day
  }

  /// The same limit without its day.
  package var rule: BudgetRule { BudgetRule(scope, subject, daily: day != nil) }

  /// `fleet/day`, `worker outreach/total`.
  package var description: String { rule.description }

  /// Orders by scope, subject and day.
  package static func < (a: BudgetNode, b: BudgetNode) -> Bool {
    (a.scope, a.subject, a.day ?? .max) < (b.scope, b.subject, b.day ?? .max)
  }
}

/// What a limit is set for: a scope, whose, and whether it begins anew each day.
package struct BudgetRule: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let scope: BudgetScope
  package let subject: String
  package let daily: Bool

  /// Names a limit.
  package init(_ scope: BudgetScope, _ subject: String = "", daily: Bool) {
    self.scope = scope
    self.subject = subject
    self.daily = daily
  }

  /// The account of that limit on a day.
  package func node(on day: Int64) -> BudgetNode {
    BudgetNode(scope, subject, day: daily ? day : nil)
  }

  /// `fleet/day`, `worker outreach/total`.
  package var description: String {
    scope.rawValue + (subject.isEmpty ? "" : " \(subject)") + (daily ? "/day" : "/total")
  }

  /// Orders by scope, subject and then day before total.
  package static func < (a: BudgetRule, b: BudgetRule) -> Bool {
    (a.scope, a.subject, a.daily ? 0 : 1) < (b.scope, b.subject, b.daily ? 0 : 1)
  }
}

/// What was spent against one limit.
package struct BudgetAccount: Sendable, Hashable {
  /// Everything that was spent, reserved before or not.
  package var settled: Money = .zero
  /// Of it: what nobody had reserved.
  package var unreserved: Money = .zero
  /// Of it: reservations whose true amount is not known, counted in full.
  package var unreconciled: Money = .zero
  /// What was granted on top of the limit when somebody was asked; it ends with the account.
  package var granted: Money = .zero
  /// The highest threshold that was told, in percent: 0, 75, 90 or 100.
  package var told = 0
  /// What had been spent by the end of each hour of the day, micro-USD; as many as have passed.
  package var hours: [Int64] = []

  /// Nothing spent.
  package init() {}
}

/// A sum set aside before it is spent.
package struct BudgetReservation: Sendable, Hashable {
  /// Ascending for the life of the state directory.
  package var id: Int64
  /// The caller's own key: the same key is the same reservation.
  package var key: String
  package var worker: WorkerName?
  package var run: String?
  package var provider: String?
  /// What kind of call it is for; estimates learn by it.
  package var route: String
  /// The limits it counts against, root first.
  package var path: [BudgetNode]
  /// What hard limits hold for it.
  package var amount: Money
  /// What soft limits hold for it; never more than `amount`.
  package var softAmount: Money
  /// What has been spent of it so far.
  package var drawn: Money = .zero
  package var state: State = .open
  /// When it was made.
  package var opened: WallTime

  /// What became of a reservation.
  package enum State: String, Sendable, Hashable, CaseIterable {
    /// The money is set aside.
    case open
    /// The true amount is booked.
    case settled
    /// Nothing (more) of it is spent.
    case released
    /// Nobody said what became of it: it counts as spent in full until somebody does.
    case unreconciled
  }

  /// Puts a reservation together.
  package init(
    id: Int64, key: String, worker: WorkerName?, run: String?, provider: String?, route: String,
    path: [BudgetNode], amount: Money, softAmount: Money, opened: WallTime
  ) {
    self.id = id
    self.key = key
    self.worker = worker
    self.run = run
    self.provider = provider
    self.route = route
    self.path = path
    self.amount = amount
    self.softAmount = softAmount
    self.opened = opened
  }
}

/// A limit set by hand. It holds until the file says something else than it said then.
package struct BudgetOverride: Sendable, Hashable {
  package var rule: BudgetRule
  /// Nil: no limit.
  package var limit: Money?
  /// What the file said when it was set.
  package var fileLimit: Money?
  /// Who set it.
  package var actor: String

  /// Puts an override together.
  package init(rule: BudgetRule, limit: Money?, fileLimit: Money?, actor: String) {
    self.rule = rule
    self.limit = limit
    self.fileLimit = fileLimit
    self.actor = actor
  }
}

/// What was done to a worker because a budget was empty.
package struct BudgetHold: Sendable, Hashable {
  package var worker: WorkerName
  /// The limit that was reached.
  package var rule: BudgetRule
  package var action: WorkerBudget.OnExceeded
  /// Ordered, but waiting for the end of the current run.
  package var isPending: Bool
  package var since: WallTime
  /// What the fleet was told; a pause with other words is somebody else's.
  package var note: String
  /// What must be left again before it goes on, where that is more than its computing needs: its smallest call.
  package var needed: Money?

  /// Puts a hold together.
  package init(
    worker: WorkerName, rule: BudgetRule, action: WorkerBudget.OnExceeded, isPending: Bool,
    since: WallTime, note: String
  ) {
    self.worker = worker
    self.rule = rule
    self.action = action
    self.isPending = isPending
    self.since = since
    self.note = note
  }
}

/// A kind of call of one worker.
package struct BudgetRoute: Sendable, Hashable {
  package let worker: WorkerName?
  /// The caller's word, such as a model's name.
  package let name: String

  /// Names a kind of call.
  package init(worker: WorkerName?, name: String) {
    self.worker = worker
    self.name = name
  }
}

/// One change that has to become durable; each may be written twice with the effect of once.
package enum BudgetChange: Sendable, Hashable {
  case account(BudgetNode, BudgetAccount)
  case reservation(BudgetReservation)
  /// By what estimates of a kind of call are multiplied, in millionths.
  case route(BudgetRoute, factorPPM: Int64)
  case override(BudgetOverride)
  case hold(BudgetHold)
  case forgetHold(WorkerName)
  /// The accounts have taken in every entry up to that one.
  case charged(through: Int64)
  /// Gives up accounts of days before `day` and reservations that were finished and made before `time`.
  case retain(day: Int64, time: WallTime)
}

/// What is remembered of budgets when the supervisor starts.
package struct BudgetState: Sendable, Hashable {
  package var accounts: [BudgetNode: BudgetAccount] = [:]
  /// Open and unreconciled ones, and the last that were finished.
  package var reservations: [BudgetReservation] = []
  package var routes: [BudgetRoute: Int64] = [:]
  package var overrides: [BudgetOverride] = []
  package var holds: [BudgetHold] = []
  /// The last entry that the accounts have taken in; nil: not known, from a release that did not say.
  package var chargedThrough: Int64?

  /// Nothing.
  package init() {}
}
