// The allow-list proxy of workers in networks of their own: what each of them may reach beside the gateway. Must never connect
// anywhere on a name alone: the address behind it is judged when the socket is made.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

/// All tunnels. Belongs to the loop's thread.
final class Egress {
  let loop: EventLoop
  let limits: EgressLimits
  /// Where bytes are between two sockets; nobody keeps it.
  var room = [UInt8](repeating: 0, count: EgressEnd.piece)
  private var lists: [String: EgressList] = [:]
  private var tunnels: [Int: EgressTunnel] = [:]
  private var openOf: [String: Int] = [:]
  private var number = 0
  private var dialler: Dialler?
  private var sweep: NovaLinux.Timer?
  private var sweepsAt: Instant?
  private var notes = EgressNotes()
  /// A sentence for the log.
  var onTrouble: ((String) -> Void)?

  init(loop: EventLoop, limits: EgressLimits = EgressLimits()) throws(SystemError) {
    self.loop = loop
    self.limits = limits
    sweep = try loop.timer { [weak self] in self?.sweepOverdue() }
  }

  /// The configuration, new or as it was: a tunnel to a place that is no longer listed ends.
  func configure(_ workers: [GatewayWorkerRow]) {
    lists = Dictionary(workers.map { ($0.worker, EgressList($0.gateway.egress)) }) { first, _ in
      first
    }
    for tunnel in tunnels.values {
      if let place = tunnel.place, reach(place, of: tunnel.worker) == nil { tunnel.end() }
    }
  }

  /// A connection of a worker's that begins with CONNECT; nothing of it was read.
  func take(_ connection: consuming Descriptor, _ worker: String) {
    // Beyond that nobody is answered any more.
    guard openOf[worker, default: 0] < limits.open else { return }
    number += 1
    let now = Clock.now().instant
    let tunnel = EgressTunnel(number, worker, DescriptorBox(connection), self, at: now)
    tunnels[number] = tunnel
    openOf[worker, default: 0] += 1
    expect(tunnel.deadline)
    tunnel.begin()
  }

  /// Ends them all.
  func close() {
    sweep?.disarm()
    for tunnel in tunnels.values { tunnel.end() }
  }

  // MARK: what a tunnel asks

  func reach(_ request: EgressRequest, of worker: String) -> DialReach? {
    lists[worker]?.reach(request)
  }

  /// The limit that keeps it from another tunnel; nil: there is room.
  func full(_ worker: String) -> Int? {
    var ways = 0
    var ofWorker = 0
    for tunnel in tunnels.values where tunnel.isWay {
      ways += 1
      if tunnel.worker == worker { ofWorker += 1 }
    }
    if ofWorker >= limits.tunnels { return limits.tunnels }
    return ways >= limits.tunnelsOfAll ? limits.tunnelsOfAll : nil
  }

  func dial(
    _ request: EgressRequest, _ reach: DialReach, within limit: Span,
    completion: @escaping (DialOutcome) -> Void
  ) -> Dial? {
    // Made at the first need: most fleets list nothing.
    if dialler == nil { dialler = try? Dialler(loop: loop) }
    return dialler?.dial(
      request.host, request.port, reach: reach, within: limit, completion: completion)
  }

  func ended(_ tunnel: EgressTunnel, out: Int64, back: Int64) {
    tunnels[tunnel.number] = nil
    let left = openOf[tunnel.worker, default: 1] - 1
    openOf[tunnel.worker] = left > 0 ? left : nil
    guard let place = tunnel.place, out + back > 0 else { return }
    say(notes.ended(tunnel.worker, place, out: out, back: back, at: Clock.now().instant))
  }

  func refused(_ worker: String, _ refusal: EgressRefusal) {
    say(notes.refused(worker, refusal, at: Clock.now().instant))
  }

  private func say(_ sentence: String?) {
    if let sentence { onTrouble?(sentence) }
  }

  // MARK: time

  /// Some tunnel ends by itself then.
  func expect(_ deadline: Instant) {
    if let sweepsAt, sweepsAt <= deadline { return }
    sweepsAt = deadline
    sweep?.arm(at: deadline)
  }

  private func sweepOverdue() {
    let now = Clock.now().instant
    sweepsAt = nil
    for tunnel in tunnels.values where tunnel.deadline <= now { tunnel.expire() }
    if let next = tunnels.values.map(\.deadline).min() { expect(next) }
  }
}
