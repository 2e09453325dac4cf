// What the lives cost, booked each interval: by their use and what they reserve, and, where the host has a price of its
// own, so that all of it is booked. Must never book a span of time twice, nor leave one out while the host was watched.

import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// The next booking of a life as of now, without booking it.
  func priced(_ life: Life, at now: Instant) -> IncarnationRecord {
    guard life.reserves, let since = life.bookedAt ?? life.startedAt, life.pid != nil else {
      return pricing.nextBooking(after: life.record, totals: life.totals)
    }
    let reserved = ReservedUse(life.spec.economics, over: now - since)
    return pricing.nextBooking(after: life.record, totals: life.totals, reserved: reserved)
  }

  /// Begins the booking of an interval: a slice a turn, or all at once where the host's price is divided among all.
  func bookRound() {
    if price.prices.hostHour == nil { forEveryLife(\.bookings) } else { bookAll() }
  }

  /// Books what some lives used since their last booking.
  func book(_ ids: ArraySlice<InstanceID>) {
    FaultPoint.booking.reached()
    let now = Clock.now()
    for id in ids {
      if let life = lives[id] { book(life, at: now) }
    }
  }

  /// Books what every life used since its last booking.
  func bookAll() {
    FaultPoint.booking.reached()
    let now = Clock.now()
    var booked: [(life: Life, next: IncarnationRecord)] = []
    for life in lives.values where life.pid != nil {
      guard life.totals != life.record.booked || life.reserves else { continue }
      booked.append((life, priced(life, at: now.instant)))
    }
    if let hostHour = price.prices.hostHour {
      booked.sort { $0.life.id < $1.life.id }
      shareHost(hostHour, &booked, at: now)
    }
    for (life, next) in booked {
      chargeCompute(life.id.worker, from: life.record.cost, to: next.cost)
      life.record = next
      life.bookedAt = now.instant
      writes.append(.book(next, at: now.wall, price: price.id))
    }
  }

  /// Books what one life used since its last booking; its part in the host's price is settled at the end of the span.
  func book(_ life: Life, at now: Moment) {
    guard life.pid != nil, life.totals != life.record.booked || life.reserves
    else { return }
    let next = priced(life, at: now.instant)
    chargeCompute(life.id.worker, from: life.record.cost, to: next.cost)
    endInHostSpan(next.cost - life.record.cost)
    life.record = next
    life.bookedAt = now.instant
    writes.append(.book(next, at: now.wall, price: price.id))
  }

  /// Divides what the host has cost since the last time, and books what nobody used.
  private func shareHost(
    _ hostHour: Price, _ booked: inout [(life: Life, next: IncarnationRecord)], at now: Moment
  ) {
    var account = hostAccount ?? HostAccount(bootID: fleet.boot.id, boottime: Clock.boottime())
    let claims = booked.map { $0.next.cost - $0.life.record.cost }
    let division = account.close(
      at: Clock.boottime(), bootID: fleet.boot.id, hostHour: hostHour, claims: claims)
    if division.isScaled {
      for index in booked.indices {
        booked[index].next.cost = booked[index].life.record.cost + division.allocated[index]
        booked[index].next.costRemainderPico = 0
      }
    }
    hostAccount = account
    let shares = HostAccount.shares(
      of: division.idle, price.prices.shareIdle, allocated: division.allocated)
    if let shares {
      for (index, share) in shares.enumerated() where share > .zero {
        let life = booked[index].life
        writes.append(
          .entry(idle(share, "\(account.number)/\(life.incarnation)", of: life, at: now.wall)))
      }
    } else if division.idle > .zero {
      writes.append(.entry(idle(division.idle, "\(account.number)", of: nil, at: now.wall)))
    }
    writes.append(.hostAccount(account.record))
  }

  private func idle(_ amount: Money, _ id: String, of life: Life?, at: WallTime) -> Entry {
    var entry = Entry(
      event: at, booked: at, worker: life?.id.worker, kind: .fixedShare, source: "idle",
      externalID: id, amount: Money(microUSD: -amount.microUSD))
    entry.instance = life?.id.number
    entry.incarnation = life?.incarnation
    entry.rule = .shared
    entry.price = price.id
    return entry
  }

  /// A life has ended within a span: what it was booked is no longer to be divided at the end of it.
  func endInHostSpan(_ amount: Money) {
    guard price.prices.hostHour != nil, var account = hostAccount, amount > .zero else { return }
    account.early = account.early + amount
    hostAccount = account
    writes.append(.hostAccount(account.record))
  }

  /// The prices of an accepted configuration are in force from now on; what was used before is booked at the old ones.
  func adopt(prices: HostPrices, at now: WallTime) {
    guard price.prices != prices || price.id.number == 0 else { return }
    if price.id.number != 0 { bookAll() }
    let hadHost = price.prices.hostHour != nil && price.id.number != 0
    price = PriceVersion(id: PriceID(price.id.number + 1), since: now, prices: prices)
    pricing = UsagePricing(prices.effective(on: hostCapacity))
    writes.append(.price(price))
    if prices.hostHour != nil, !hadHost { beginHostAccount() }
  }

  /// A host that has got a price begins to cost now; its account goes on counting its spans.
  private func beginHostAccount() {
    var account = HostAccount(bootID: fleet.boot.id, boottime: Clock.boottime())
    account.number = hostAccount?.number ?? 0
    hostAccount = account
    writes.append(.hostAccount(account.record))
    history.record(
      EventRecord(
        at: Clock.now().wall, type: "prices.host_began", severity: .notice,
        message: "the host's own price is booked from now on, the idle part of it included",
        details: ["boottime_nsec": String(account.boottime)]))
  }

  /// What this host has to give.
  var hostCapacity: HostCapacity {
    HostCapacity(
      cores: HostSize.processors, memoryBytes: HostSize.memoryBytes, gpus: HostSize.gpus)
  }
}

extension HostAccount {
  /// As the ledger keeps it.
  var record: HostAccountRecord {
    HostAccountRecord(
      number: number, bootID: bootID, boottime: boottime, remainderPico: remainderPico, early: early
    )
  }

  /// As the ledger kept it.
  init(_ record: HostAccountRecord) {
    self.init(bootID: record.bootID, boottime: record.boottime)
    number = record.number
    remainderPico = record.remainderPico
    early = record.early
  }
}
