// The one door through which money enters and leaves the loop: writes with an answer each, and what is told when they
// are on the disk. Must never tell of an entry that a power cut could still undo.

import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// What became of a write of money.
enum MoneyAnswer {
  /// It is on the disk.
  case booked
  /// It was there before, with the same amounts.
  case repeated
  /// Why it is not booked: an error for whoever sent it.
  case refused(APIError)
}

extension Supervisor {
  /// Books something and calls `then` once, when it is on the disk or will not be booked.
  func book(_ write: LedgerWrite, then: @escaping (MoneyAnswer) -> Void) {
    guard ledgerTrouble == nil else {
      return then(
        .refused(
          APIError(
            .unavailable, "the ledger cannot be written at present; try again with the same id")))
    }
    lastTicket += 1
    moneyTickets[lastTicket] = then
    // Prices and records of this turn come first: an entry may name them.
    writesWithTicket.append((write, lastTicket))
  }

  /// Every entry that is new in the books passes here once, in the order of its id, when it is on the disk.
  /// What follows the money hooks in here; nothing here may take long.
  func entryBooked(_ entry: Entry) {
    engineTakes(entry)
    books.take(entry)
    figures.take(entry)
    today.take(entry)
    chargeEntry(entry)
  }

  /// Every finished run passes here once, when it and its entries are on the disk. The entries have passed before.
  func runFinished(_ run: RunRecord) {
    engineTakes(run)
    books.take(run)
  }

  /// Takes the ledger's answers about money.
  func take(_ completion: LedgerCompletion) {
    switch completion {
    case .booked(let entries):
      FaultPoint.told.reached()
      // Entries are numbered without gap: one that was in the books when they were read is in them.
      for entry in entries where entry.id > books.total.entries { entryBooked(entry) }
    case .ran(let runs): for run in runs { runFinished(run) }
    case .repeated(let ticket):
      answerMoney(ticket, .repeated)
    case .conflicted(let ticket, let sentence):
      guard let ticket else { return trouble("the ledger left out a write: \(sentence)") }
      answerMoney(ticket, .refused(APIError(.preconditionFailed, sentence)))
    default: break
    }
  }

  /// Answers who waits for a ticket; false: it is not one of money.
  @discardableResult
  func answerMoney(_ ticket: UInt64, _ answer: MoneyAnswer) -> Bool {
    guard let then = moneyTickets.removeValue(forKey: ticket) else {
      // A turn's own writes: everything of it is on the disk.
      tickets.removeValue(forKey: ticket)?.isDurable()
      return false
    }
    then(answer)
    return true
  }

  /// The disk refuses: who waits is told so. What was handed over is booked when it can be, and a repeated report is known.
  func answerMoneyUnavailable() {
    let waiting = moneyTickets.sorted { $0.key < $1.key }
    moneyTickets = [:]
    for (_, then) in waiting {
      then(
        .refused(
          APIError(
            .unavailable, "the ledger cannot be written at present; try again with the same id")))
    }
  }

  /// Reads the totals, at the start and when it is not certain that every entry was told.
  func loadBooks() {
    if let balances = try? ledger.balances(), let runs = try? ledger.runTotals() {
      books = Books(balances: balances, runs: runs)
    }
    let now = Clock.now()
    loadToday(now.wall)
    if gateway.figures == nil { loadCallFigures(now) }
  }

  /// The sums of the calendar day in the budget's zone, as the ledger has them.
  func loadToday(_ now: WallTime) {
    today = DaySums(holding: now, in: budgetZone)
    var question = SumsQuestion(bounds: [today.day.start, today.day.end])
    question.byWorker = true
    question.bySource = true
    for (key, sum) in (try? ledger.sums(question)) ?? [:] {
      today.take(sum, worker: key.worker, source: key.source)
    }
  }

  /// Today's sums; begins a new day when it is time.
  func sumsToday(_ now: WallTime) -> Balance {
    let day = CalendarDay(holding: now, in: budgetZone)
    if day != today.day {
      // A clock that was set back, or another zone, and only the ledger knows that day; else nothing of it was told yet.
      if day.start < today.day.end { loadToday(now) } else { today.turn(to: now, in: budgetZone) }
    }
    return today.sums
  }
}
