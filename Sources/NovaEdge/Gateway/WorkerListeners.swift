// The listeners of workers in networks of their own, as the supervisor hands them over on gateway.sock. What was handed over
// stays ours while the supervisor is away: the workers go on calling. Must never tell of one life twice, nor keep one that
// ended while nobody was connected.

import NovaLinux
import NovaModel
import NovaWire

/// Follows gateway.sock. Belongs to the loop's thread.
final class WorkerListeners {
  /// An instance listens in its own network: whoever connects to the descriptor is that instance.
  var onListener:
    (
      (_ worker: String, _ instance: Int, _ incarnation: Int64, _ listener: consuming Descriptor) ->
        Void
    )?
  /// That life has ended.
  var onGone: ((_ worker: String, _ instance: Int, _ incarnation: Int64) -> Void)?
  /// A sentence for the log.
  var onTrouble: ((String) -> Void)?

  private let loop: EventLoop
  private let path: String
  private var socket: DescriptorBox?
  private var source: Source?
  private var retry: NovaLinux.Timer?
  private var pause = WorkerListeners.shortest
  private var isAway = false
  /// What was told, and what of it this connection has not spoken of yet.
  private var known: [InstanceID: Int64] = [:]
  private var unheard: Set<InstanceID> = []

  private static let shortest = Span.milliseconds(200)
  /// 5 s: what a person waits for after a restart of the supervisor.
  private static let longest = Span.seconds(5)

  /// Where the supervisor of that API socket hands the listeners over: beside it.
  static func path(besides socket: String) -> String {
    (socket.lastIndex(of: "/").map { String(socket[...$0]) } ?? "") + "gateway.sock"
  }

  /// Follows the socket at `path`; call `start()`.
  init(loop: EventLoop, path: String) throws(SystemError) {
    self.loop = loop
    self.path = path
    retry = try loop.timer { [weak self] in self?.connect() }
  }

  /// Connects, now or as soon as somebody listens there.
  func start() { connect() }

  /// Ends the connection; nothing is told any more.
  func close() {
    disconnect()
    retry?.disarm()
  }

  private func connect() {
    guard socket == nil else { return }
    do {
      let box = DescriptorBox(try PacketSocket.connect(to: path))
      source = try loop.watch(box.raw(), .readable) { [weak self] _ in self?.read() }
      socket = box
      unheard = Set(known.keys)
    } catch {
      away("\(error.message) (workers with network: gateway cannot be served yet; trying again)")
    }
  }

  private func disconnect() {
    source?.cancel()
    source = nil
    socket = nil
  }

  /// Tries again later; says why once.
  private func away(_ sentence: String) {
    disconnect()
    if !isAway { onTrouble?(sentence) }
    isAway = true
    retry?.arm(at: Clock.now().instant + pause)
    pause = min(Span(nanoseconds: pause.nanoseconds * 2), Self.longest)
  }

  private func read() {
    // 64 a turn: ten thousand workers do not keep the calls of one waiting.
    for _ in 0..<64 {
      guard let socket else { return }
      switch PacketSocket.receive(from: socket.raw()) {
      case .nothing: return
      case .ended: return away("the supervisor ended \(path) (trying again)")
      case .lost:
        return away("cannot take a worker's listener: Too many open files (raise LimitNOFILE=)")
      case .packet(var packet): take(packet.bytes, packet.takeDescriptor())
      }
    }
  }

  private func take(_ bytes: [UInt8], _ listener: consuming Descriptor?) {
    guard let news = ListenerNews(line: bytes) else {
      return away("cannot read what \(path) says (is nova-supervisor of another release?)")
    }
    switch news {
    case .listens(let life):
      guard let listener else {
        return away("cannot take the listener of \(life.id): none came with it")
      }
      unheard.remove(life.id)
      if known[life.id] == life.incarnation { return }
      end(life.id)
      known[life.id] = life.incarnation
      onListener?(life.id.worker.text, life.id.number, life.incarnation, listener)
    case .gone(let life):
      if known[life.id] == life.incarnation { end(life.id) }
    case .listed:
      // All that live were told: what is known and was not is over.
      for id in unheard.sorted() { end(id) }
      unheard = []
      pause = Self.shortest
      if isAway { onTrouble?("\(path) answers again") }
      isAway = false
    }
  }

  private func end(_ id: InstanceID) {
    unheard.remove(id)
    guard let incarnation = known.removeValue(forKey: id) else { return }
    onGone?(id.worker.text, id.number, incarnation)
  }
}
