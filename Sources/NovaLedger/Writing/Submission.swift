// Writes on their way to the disk, and what may be merged while they wait. Bookings are cumulative and records are
// whole, so of several only the last counts; events are all different. Must never drop a booking.

internal import NovaModel

/// What was handed over in one call.
struct Submission: Sendable {
  var ticket: UInt64?
  var writes: [LedgerWrite]
  /// Estimated memory, bytes.
  var bytes: Int
  /// A commit with it has failed, and nobody knows whether it reached the disk.
  var wasTried = false

  init(_ writes: [LedgerWrite], ticket: UInt64?) {
    self.ticket = ticket
    self.writes = writes
    bytes = writes.reduce(0) { $0 + $1.estimatedBytes }
  }

  /// Leaves only these of its writes.
  mutating func keep(_ kept: [LedgerWrite]) {
    writes = kept
    bytes = kept.reduce(0) { $0 + $1.estimatedBytes }
  }
}

/// Writes that replace one another.
enum WriteKey: Hashable {
  case worker(WorkerName)
  case instance(InstanceID)
  case incarnation(Incarnation)
  case configuration
  case budgetAccount(BudgetNode)
  case budgetReservation(Int64)
  case budgetHold(WorkerName)
  case retention
  case hostAccount
}

extension LedgerWrite {
  /// What a later write must share to make this one superfluous; nil: nothing does.
  var key: WriteKey? {
    switch self {
    case .worker(let record): .worker(record.name)
    case .forgetWorker(let name): .worker(name)
    case .instance(let record): .instance(record.id)
    case .forgetInstance(let id): .instance(id)
    case .book(let record, _, _): .incarnation(record.incarnation)
    case .configuration: .configuration
    case .budget(.account(let node, _)): .budgetAccount(node)
    case .budget(.reservation(let reservation)): .budgetReservation(reservation.id)
    case .budget(.hold(let hold)): .budgetHold(hold.worker)
    case .budget(.forgetHold(let worker)): .budgetHold(worker)
    case .budget: nil
    case .retain: .retention
    case .hostAccount: .hostAccount
    case .event, .price, .entry, .run, .revenue, .contra, .rate, .touch, .engine, .figures,
      .gateway:
      nil
    }
  }

  /// What it takes in memory, within a factor of two: a base for the enum and its boxes, plus the long parts.
  var estimatedBytes: Int {
    switch self {
    case .configuration(let files, _):
      files.reduce(256) { $0 + $1.path.utf8.count + $1.bytes.count }
    case .event(let event):
      event.details.reduce(320 + event.message.utf8.count) {
        $0 + 64 + $1.key.utf8.count + $1.value.utf8.count
      }
    case .entry, .revenue, .contra: 512
    case .engine(let write): write.estimatedBytes
    case .figures(let write): write.estimatedBytes
    case .gateway(let write): write.estimatedBytes
    case .run(_, let entries): 384 + 512 * entries.count
    case .instance(let record): 512 + 96 * record.crashes.count
    default: 320
    }
  }
}

extension [Submission] {
  /// How many writes and bytes.
  var size: (writes: Int, bytes: Int) {
    reduce((0, 0)) { ($0.0 + $1.writes.count, $0.1 + $1.bytes) }
  }

  /// Leaves out every write that a later one replaces. Tickets stay, in order.
  mutating func merge() {
    var seen: Set<WriteKey> = []
    for index in indices.reversed() {
      var kept: [LedgerWrite] = []
      for write in self[index].writes.reversed() {
        if let key = write.key, !seen.insert(key).inserted { continue }
        kept.append(write)
      }
      kept.reverse()
      self[index].keep(kept)
    }
    removeAll { $0.ticket == nil && $0.writes.isEmpty }
  }

  /// Gives up the oldest events until at most `writes` and `bytes` remain, or no event; returns how many.
  mutating func dropEvents(toWrites writes: Int, bytes: Int) -> Int64 {
    var (writesLeft, bytesLeft) = size
    var dropped: Int64 = 0
    for index in indices {
      guard writesLeft > writes || bytesLeft > bytes else { break }
      var kept: [LedgerWrite] = []
      for write in self[index].writes {
        if case .event = write, writesLeft > writes || bytesLeft > bytes {
          writesLeft -= 1
          bytesLeft -= write.estimatedBytes
          dropped += 1
        } else {
          kept.append(write)
        }
      }
      self[index].keep(kept)
    }
    removeAll { $0.ticket == nil && $0.writes.isEmpty }
    return dropped
  }
}
