// Money for calls: reserved with the supervisor in tranches, handed out call by call, given back when nobody uses it. Must never
// let a call begin that is not covered to its last token.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

/// All purses. Belongs to the loop's thread.
final class Treasury {
  private let client: HTTPClient
  private let socket: String
  private let book: CallBook
  private var purses: [PurseKey: Purse] = [:]
  private var wishes: [PurseKey: [FundingWish]] = [:]
  private var asking: Set<PurseKey> = []
  /// For how many calls each was reserved last.
  private var growth: [PurseKey: TrancheGrowth] = [:]
  /// Who got a "no" that is not the last word: asked once more when what lay idle with us is given back.
  private var retried: Set<PurseKey> = []
  private var sweep: NovaLinux.Timer?
  private var retry: NovaLinux.Timer?
  private var number = 0
  private let epoch: String

  /// A reservation that nobody uses for so long is given back.
  static let idle = TrancheGrowth.idle
  /// Calls begin with a reservation for so long after it was made; its lease is an hour, and no call may take longer than the rest.
  static let usable = Span.seconds(1500)
  static let leaseSeconds = 3600.0
  /// How long the supervisor may be away before a call is told so.
  static let patience = Span.seconds(10)

  init(client: HTTPClient, socket: String, book: CallBook, loop: EventLoop) throws(SystemError) {
    self.client = client
    self.socket = socket
    self.book = book
    epoch = Crypto.hex(Crypto.random(8) ?? [])
    sweep = try loop.timer { [weak self] in self?.sweepIdle() }
    retry = try loop.timer { [weak self] in self?.askAll() }
    for (key, body) in book.takeAsked() { askAgain(key, body) }
  }

  /// Money for a call; at once where a purse has it.
  func fund(_ key: PurseKey, _ wish: FundingWish) {
    let now = Clock.now().instant
    if wishes[key]?.isEmpty ?? true,
      let reservation = purses[key, default: Purse()].hold(wish.bound, at: now)
    {
      lookAhead(key, wish, now)
      return wish.then(.held(reservation, wish.bound))
    }
    wishes[key, default: []].append(wish)
    ask(key)
  }

  /// A call is over.
  func spend(_ key: PurseKey, _ cost: Price, held: Price, of reservation: Int64) {
    let now = Clock.now().instant
    purses[key]?.spend(cost, held: held, of: reservation, at: now)
    // What it did not need may be what others wait for.
    serve(key)
    if !(wishes[key]?.isEmpty ?? true) { ask(key) }
    sweep?.arm(at: now + Self.idle)
  }

  /// Calls of a worker that hold money, with whatever provider.
  func calls(of worker: String) -> Int {
    purses.reduce(0) { $0 + ($1.key.worker == worker ? $1.value.calls : 0) }
  }

  // MARK: handing out

  private func serve(_ key: PurseKey) {
    let now = Clock.now().instant
    while var queue = wishes[key], let wish = queue.first {
      if !wish.isWanted() {
        queue.removeFirst()
        wishes[key] = queue
        continue
      }
      guard let reservation = purses[key, default: Purse()].hold(wish.bound, at: now) else {
        return
      }
      queue.removeFirst()
      wishes[key] = queue
      wish.then(.held(reservation, wish.bound))
    }
  }

  /// The first who waits takes what there is, if it is of use to him.
  private func serveShort(_ key: PurseKey) -> Bool {
    let now = Clock.now().instant
    guard var queue = wishes[key], let wish = queue.first, let purse = purses[key] else {
      return false
    }
    let most = purse.most(at: now)
    guard most.picoUSD >= wish.least.picoUSD, most.picoUSD > 0 else { return false }
    let held = Price(picoUSD: min(most.picoUSD, wish.bound.picoUSD))
    guard let reservation = purses[key, default: Purse()].hold(held, at: now) else { return false }
    queue.removeFirst()
    wishes[key] = queue
    wish.then(.held(reservation, held))
    return true
  }

  private func refuseAll(_ key: PurseKey, _ refusal: ModelRefusal) {
    let queue = wishes.removeValue(forKey: key) ?? []
    for wish in queue where wish.isWanted() { wish.then(.refused(refusal)) }
  }

  // MARK: reserving

  private func ask(_ key: PurseKey) {
    wishes[key]?.removeAll { !$0.isWanted() }
    guard !asking.contains(key), let queue = wishes[key], let first = queue.first else { return }
    let count = growth[key, default: TrancheGrowth()].next(at: Clock.now().instant)
    let all = queue.reduce(Int128(0)) { $0 + Int128($1.bound.picoUSD + Purse.slack) }
    reserve(key, first, sum: all + Int128(TrancheGrowth.spare(count, of: first.bound)))
  }

  /// Who comes often does not wait for the disk: the next reservation is made while half of the last is left.
  private func lookAhead(_ key: PurseKey, _ wish: FundingWish, _ now: Instant) {
    guard !asking.contains(key), let left = purses[key]?.left(at: now),
      let count = growth[key]?.ahead(left: left, of: wish.bound, at: now)
    else { return }
    reserve(key, wish, sum: Int128(TrancheGrowth.spare(count, of: wish.bound)))
  }

  private func reserve(_ key: PurseKey, _ first: FundingWish, sum: Int128) {
    asking.insert(key)
    let wanted = Int64(clamping: sum)
    let slack = Price(picoUSD: Purse.slack)
    number += 1
    let name = "gateway-\(epoch)-\(number)"
    var request = BudgetReserveRequest(
      key: name, amountUSD: Money(roundingUp: Price(picoUSD: wanted + slack.picoUSD)).decimal)
    request.worker = key.worker
    request.leastUSD =
      Money(roundingUp: Price(picoUSD: first.least.picoUSD + slack.picoUSD)).decimal
    request.runID = key.run
    request.provider = key.provider
    request.route = "gateway"
    request.leaseSeconds = Self.leaseSeconds
    request.isLast = retried.contains(key) && calls(of: key.worker) == 0
    let body = APICoding.encode(request)
    book.asks(name, body)
    send(name, body) { [weak self] in self?.answered($0, name, key) }
  }

  private func send(_ name: String, _ body: [UInt8], then: @escaping (HTTPOutcome) -> Void) {
    var order = HTTPOrder.gateway(socket, "POST", "/v1/budgets/reserve")
    order.body = body
    if client.start(order, completion: then) == nil { then(.failed("no memory")) }
  }

  private func answered(_ outcome: HTTPOutcome, _ name: String, _ key: PurseKey) {
    asking.remove(key)
    let now = Clock.now().instant
    switch outcome {
    case .answered(200, _, let body):
      guard let row = try? APICoding.decodeAnswer(ReservationRow.self, from: body),
        let amount = Money(decimal: row.amountUSD)
      else {
        return refuseAll(key, .unavailable("the supervisor's answer cannot be read", seconds: 5))
      }
      retried.remove(key)
      book.opened(name, row.reservation)
      purses[key, default: Purse()].add(
        row.reservation, amount: amount, until: now + Self.usable, at: now)
      sweep?.arm(at: now + Self.idle)
      serve(key)
      // As much as fitted is less than was asked: the first makes do with it, the others ask again.
      if !(wishes[key]?.isEmpty ?? true) {
        _ = serveShort(key)
        ask(key)
      }
    case .answered(let status, _, let body) where status == 402 || status == 409 || status == 404:
      book.refused(name)
      refused(key, Self.words(body))
    case .answered(let status, _, let body):
      book.refused(name)
      if status == 503 { return away(key) }
      refuseAll(
        key, .unavailable("the supervisor answered \(status): \(Self.words(body))", seconds: 5))
    case .failed:
      // Whether it was made nobody knows: the same key is asked again, and what it made is given back.
      if let body = book.takeAsked()[name] { askAgain(name, body) }
      away(key)
    }
  }

  /// There is no money for it, unless some of ours lies idle or is about to come back.
  private func refused(_ key: PurseKey, _ words: String) {
    if serveShort(key) { return ask(key) }
    guard let first = wishes[key]?.first else {
      growth[key]?.refusedAhead()
      return
    }
    if !retried.contains(key) {
      let idle = takeIdle(unusedSince: Clock.now().instant)
      if !idle.isEmpty || calls(of: key.worker) == 0 {
        retried.insert(key)
        guard !idle.isEmpty else { return ask(key) }
        return book.close(idle) { [weak self] in self?.ask(key) }
      }
    }
    retried.remove(key)
    // Whoever of the worker is under way will give back what he does not need; that is asked for then.
    if calls(of: key.worker) > 0, first.until > Clock.now().instant { return }
    refuseAll(key, .budget(words))
  }

  private func away(_ key: PurseKey) {
    let now = Clock.now().instant
    let tooLong = wishes[key]?.filter { $0.until <= now } ?? []
    wishes[key]?.removeAll { $0.until <= now }
    for wish in tooLong where wish.isWanted() {
      wish.then(.refused(.unavailable("the supervisor does not answer", seconds: 2)))
    }
    if !(wishes[key]?.isEmpty ?? true) { retry?.arm(at: now + .milliseconds(300)) }
  }

  private func askAll() {
    for key in wishes.keys.sorted(by: { $0.worker < $1.worker }) { ask(key) }
  }

  private func askAgain(_ name: String, _ body: [UInt8]) {
    send(name, body) { [weak self] outcome in
      guard let self else { return }
      switch outcome {
      case .answered(200, _, let answer):
        guard let row = try? APICoding.decodeAnswer(ReservationRow.self, from: answer) else {
          return
        }
        book.opened(name, row.reservation)
        book.close([row.reservation])
      case .answered(let status, _, _) where status < 500: book.refused(name)
      case .answered, .failed:
        later.append((name, body)); sweep?.arm(at: Clock.now().instant + Self.idle)
      }
    }
  }

  /// Of unknown fate, to be asked again.
  private var later: [(String, [UInt8])] = []

  // MARK: giving back

  private func sweepIdle() {
    let now = Clock.now().instant
    let again = later
    later = []
    for (name, body) in again { askAgain(name, body) }
    let idle = takeIdle(unusedSince: now + Span(nanoseconds: -Self.idle.nanoseconds))
    if !idle.isEmpty { book.close(idle) }
    for key in wishes.keys where !asking.contains(key) {
      // Who waited for calls under way to give something back has waited long enough.
      let late = wishes[key]?.filter { $0.until <= now } ?? []
      wishes[key]?.removeAll { $0.until <= now }
      for wish in late where wish.isWanted() {
        wish.then(.refused(.budget("what is left of the budget is held by calls under way")))
      }
    }
    if !purses.isEmpty || !wishes.isEmpty { sweep?.arm(at: now + Self.idle) }
  }

  private func takeIdle(unusedSince: Instant) -> [Int64] {
    let now = Clock.now().instant
    var idle: [Int64] = []
    for key in purses.keys {
      idle +=
        purses[key]?.takeIdle(unusedSince: unusedSince, least: Price(picoUSD: 0), at: now) ?? []
      if purses[key]?.tranches.isEmpty ?? true, wishes[key]?.isEmpty ?? true {
        purses[key] = nil
        wishes[key] = nil
        growth[key] = nil
      }
    }
    return idle.sorted()
  }

  private static func words(_ body: [UInt8]) -> String {
    (try? JSONParser.parse(body))?["error"]?["message"]?.text ?? "the supervisor refused it"
  }
}
