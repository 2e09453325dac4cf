// One tunnel of a worker: it asks for a place, is connected or refused, and then bytes go both ways until both have ended.
// Must never pass a byte before the place was judged, nor outlive either of its ends.

import NovaHTTP
import NovaLinux
import NovaModel

/// A connection that began with CONNECT. Belongs to the loop's thread.
final class EgressTunnel {
  /// Where it stands.
  enum Phase {
    /// The request is read.
    case asking([UInt8])
    /// The place is being connected to; these bytes came early.
    case dialling([UInt8])
    case relaying(EgressEnd)
    /// A refusal was written; what still comes is dropped, so that it arrives.
    case leaving(Int)
    case over
  }

  let number: Int
  let worker: String
  private let inner: EgressEnd
  private(set) var phase = Phase.asking([])
  /// Whereto, once that is known.
  private(set) var place: EgressRequest?
  /// When it ends by itself.
  private(set) var deadline: Instant
  private var dial: Dial?
  /// Bytes of the request itself.
  private var asked: Int64 = 0
  private unowned let egress: Egress

  /// For somebody to read his refusal.
  private static let farewell = Span.seconds(2)
  /// What is read and dropped of somebody who was refused.
  private static let dropped = 4 << 20
  /// Pieces a turn: others wait too.
  private static let turns = 4

  init(_ number: Int, _ worker: String, _ socket: DescriptorBox, _ egress: Egress, at now: Instant)
  {
    self.number = number
    self.worker = worker
    self.egress = egress
    inner = EgressEnd(socket)
    deadline = now + egress.limits.patience
  }

  /// Bytes from the worker, and to it.
  var counts: (out: Int64, back: Int64) {
    if case .relaying(let outer) = phase { return (inner.said - asked, outer.said) }
    return (0, 0)
  }

  /// It leads somewhere, or will.
  var isWay: Bool {
    switch phase {
    case .dialling, .relaying: true
    case .asking, .leaving, .over: false
    }
  }

  /// Begins.
  func begin() {
    look()
    hear()
  }

  /// Its time is over.
  func expire() {
    switch phase {
    case .asking: refuse(.late)
    default: end()
    }
  }

  /// Ends it, whatever it does.
  func end() {
    if case .over = phase { return }
    let counts = self.counts
    inner.leave()
    dial?.cancel()
    dial = nil
    if case .relaying(let outer) = phase { outer.leave() }
    phase = .over
    egress.ended(self, out: counts.out, back: counts.back)
  }

  // MARK: before there is a way

  private func hear() {
    guard case .asking(var bytes) = phase else { return }
    while true {
      switch inner.read(into: &egress.room, most: EgressRequest.most) {
      case .nothing:
        phase = .asking(bytes)
        return
      // Who ends before he has asked wants nothing.
      case .end, .broken: return end()
      case .bytes(let count):
        let known = bytes.count
        bytes += egress.room[..<count]
        switch EgressRequest.read(bytes, known: known) {
        case .more: continue
        case .malformed: return refuse(.malformed)
        case .tooLong: return refuse(.tooLong)
        case .whole(let request, let length):
          asked = Int64(length)
          return connect(request, early: Array(bytes[length...]))
        }
      }
    }
  }

  private func connect(_ request: EgressRequest, early: [UInt8]) {
    place = request
    guard let reach = egress.reach(request, of: worker) else {
      return refuse(.unlisted(request))
    }
    if let most = egress.full(worker) { return refuse(.tooMany(most)) }
    phase = .dialling(early)
    // Nothing is read meanwhile, nor is his end seen: it takes ten seconds at most.
    look()
    deadline = Clock.now().instant + egress.limits.patience + egress.limits.patience
    egress.expect(deadline)
    dial = egress.dial(request, reach, within: egress.limits.patience) { [weak self] outcome in
      self?.dialled(request, outcome)
    }
    if dial == nil { refuse(.unreached(request, why: "there is no memory", isLate: false)) }
  }

  private func dialled(_ request: EgressRequest, _ outcome: DialOutcome) {
    dial = nil
    guard case .dialling(let early) = phase else { return }
    switch outcome {
    case .forbidden: refuse(.notPublic(request))
    case .failed(let why, let isLate): refuse(.unreached(request, why: why, isLate: isLate))
    case .connected(let socket):
      let outer = EgressEnd(socket)
      phase = .relaying(outer)
      moved()
      guard inner.write(Array("HTTP/1.1 200 Connection Established\r\n\r\n".utf8)[...]),
        outer.write(early[...])
      else { return end() }
      look()
    }
  }

  private func refuse(_ refusal: EgressRefusal) {
    egress.refused(worker, refusal)
    phase = .leaving(0)
    guard inner.write(refusal.answer[...]), inner.held.isEmpty else { return end() }
    inner.shut()
    deadline = Clock.now().instant + Self.farewell
    egress.expect(deadline)
    look()
  }

  private func drop() {
    guard case .leaving(var count) = phase else { return }
    for _ in 0..<Self.turns {
      guard case .bytes(let more) = inner.read(into: &egress.room) else { break }
      count += more
    }
    phase = .leaving(count)
    if inner.hasEnded || count > Self.dropped { end() }
  }

  // MARK: the way

  private func moved() {
    deadline = Clock.now().instant + egress.limits.idle
    egress.expect(deadline)
  }

  /// Something is ready on one of the ends.
  private func ready(_ end: EgressEnd, _ found: Interest) {
    if found.contains(.error) { return self.end() }
    switch phase {
    case .asking: hear()
    case .leaving: drop()
    case .dialling, .over: break
    case .relaying(let outer):
      let other = end === inner ? outer : inner
      guard write(end, from: other), read(end, to: other) else { return self.end() }
      if inner.isShut, outer.isShut { return self.end() }
      look()
    }
  }

  /// Writes what was held for one end; false when nobody is there.
  private func write(_ end: EgressEnd, from other: EgressEnd) -> Bool {
    guard !end.held.isEmpty else { return true }
    let before = end.held.count
    guard end.flush() else { return false }
    if end.held.count < before { moved() }
    if end.held.isEmpty, other.hasEnded { end.shut() }
    return true
  }

  /// Passes on what one end says; false when it or the other is gone.
  private func read(_ end: EgressEnd, to other: EgressEnd) -> Bool {
    for _ in 0..<Self.turns {
      guard !end.hasEnded, other.held.isEmpty else { return true }
      switch end.read(into: &egress.room) {
      case .nothing: return true
      case .broken: return false
      case .end:
        moved()
        other.shut()
        return true
      case .bytes(let count):
        moved()
        guard other.write(egress.room[..<count]) else { return false }
      }
    }
    return true
  }

  /// Has the loop look for what can be done next.
  private func look() {
    var isWatched = true
    switch phase {
    case .asking, .leaving: isWatched = follow(inner, .readable)
    case .dialling: isWatched = follow(inner, [])
    case .relaying(let outer):
      isWatched =
        follow(inner, Self.wanted(inner, outer)) && follow(outer, Self.wanted(outer, inner))
    case .over: break
    }
    if !isWatched { end() }
  }

  private func follow(_ end: EgressEnd, _ interest: Interest) -> Bool {
    end.follow(interest, egress.loop) { [weak self, weak end] found in
      guard let self, let end else { return }
      ready(end, found)
    }
  }

  private static func wanted(_ end: EgressEnd, _ other: EgressEnd) -> Interest {
    var interest: Interest = []
    if !end.hasEnded, other.held.isEmpty { interest.insert(.readable) }
    if !end.held.isEmpty { interest.insert(.writable) }
    return interest
  }
}
