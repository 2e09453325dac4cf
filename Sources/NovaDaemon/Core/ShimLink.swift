// The connection to the shim: finds it, starts it where systemd does not, keeps orders while it is away and
// tells a shim that came back from one that died. Must never decide what becomes of a worker.

package import NovaLinux
import NovaModel

/// What a shim said of itself.
package struct ShimHello: Sendable, Hashable {
  package let version: UInt32
  package let features: [String]
  package let pid: Int32
  /// Nil: no writable cgroup.
  package let cgroupRoot: String?
  package let controllers: [String]
}

/// The brain's end of the spawn protocol.
package final class ShimLink {
  /// What the link tells the supervisor.
  package enum News {
    /// A shim answered hello; `isNew` when it is not the process we spoke to before.
    case connected(ShimHello, isNew: Bool)
    case report(ShimReport)
    /// The process that was the parent of the workers is gone.
    case died
    /// Something an owner should read.
    case trouble(String)
  }

  private let loop: EventLoop
  private let options: Options
  private let body: (News) -> Void
  private var client: ShimClient?
  private var source: Source?
  private var retry: NovaLinux.Timer?
  private var knownPID: Int32?
  private var attempts = 0
  private var launched = false
  /// It was told to become another program: what it has not read by then it never reads, so orders wait.
  private var isBecoming = false
  /// Orders given while no shim was connected, oldest first, with descriptors kept for them.
  private var waiting: [(ShimOrder, [DescriptorBox])] = []

  // 100,000 orders: ten for each of 10,000 workers; beyond it a spawn is refused with EAGAIN.
  private static let waitingLimit = 100_000

  /// A link that reports to `body`; call `begin()`.
  package init(loop: EventLoop, options: Options, body: @escaping (News) -> Void) {
    self.loop = loop
    self.options = options
    self.body = body
  }

  /// True while orders reach the shim at once.
  package var isConnected: Bool { client != nil && knownPID != nil }

  /// Connects, now or as soon as it answers.
  package func begin() throws(SystemError) {
    retry = try loop.timer { [weak self] in self?.connect() }
    connect()
  }

  /// Whether its reports go before whatever else is ready, or after it.
  var goesFirst = true {
    didSet {
      if goesFirst != oldValue { source?.set(priority: goesFirst ? Self.first : Self.last) }
    }
  }
  private static let first: Int64 = -10, last: Int64 = 10

  private func connect() {
    guard client == nil else { return }
    do {
      let fresh = try ShimClient.connect(to: options.shimSocket)
      let readable = try loop.watch(
        fresh.descriptor, .readable, priority: goesFirst ? Self.first : Self.last
      ) { [weak self] _ in
        self?.ready()
      }
      client = fresh
      source = readable
      attempts = 0
      try fresh.send(.hello(version: ShimProtocol.version, features: [ShimProtocol.gatewayFeature]))
      flush()
    } catch {
      attempts += 1
      if let pid = knownPID, Self.isGone(pid) {
        knownPID = nil
        launched = false
        body(.died)
      }
      if knownPID == nil { launchIfOurs() }
      // 5 s of attempts: a shim under systemd is ready before the brain is started, so this is trouble.
      if attempts == 200 { body(.trouble("\(error.message); still trying")) }
      retry?.arm(at: Clock.now().instant + .milliseconds(attempts < 200 ? 25 : 500))
    }
  }

  /// Ended, reaped or not: in a container nobody may reap it.
  private static func isGone(_ pid: Int32) -> Bool {
    ProcessStat.of(pid).map(\.isZombie) ?? true
  }

  /// Starts the shim where no service manager does.
  private func launchIfOurs() {
    guard options.shim != "none", !launched else { return }
    launched = true
    do {
      _ = try ShimLauncher.launch(
        binary: options.shim ?? options.defaultShim, runtime: options.runtime,
        cgroup: options.shimCgroup)
    } catch {
      body(.trouble("cannot start nova-shim: \(error.message)"))
    }
  }

  /// Takes what the shim has said, if anything.
  func ready() {
    guard let client else { return }
    do {
      for report in try client.receive() {
        if case .hello(let version, let features, let pid, let root, let controllers) = report {
          let hello = ShimHello(
            version: version, features: features, pid: pid, cgroupRoot: root,
            controllers: controllers)
          let isNew = hello.pid != knownPID
          if isNew, knownPID != nil { body(.died) }
          knownPID = hello.pid
          isBecoming = false
          body(.connected(hello, isNew: isNew))
          sendWaiting()
        } else {
          if case .refused(let why) = report, isBecoming, why.hasPrefix("cannot reexec") {
            isBecoming = false
            sendWaiting()
          }
          body(.report(report))
        }
      }
      if client.isClosed { disconnect() }
    } catch {
      disconnect()
    }
  }

  private func disconnect() {
    source?.cancel()
    source = nil
    client = nil
    retry?.arm(at: Clock.now().instant)
  }

  /// Orders the shim to become the program at `path`; until it says hello again, or why not, orders wait here.
  package func become(_ path: String) {
    guard isConnected, !isBecoming else { return }
    send(.reexec(path: path))
    isBecoming = true
  }

  private func sendWaiting() {
    let held = waiting
    waiting = []
    for (order, descriptors) in held { send(order, descriptors: descriptors) }
  }

  /// Gives an order; kept until a shim is there. Descriptors stay open until they are sent.
  package func send(_ order: ShimOrder, descriptors: [DescriptorBox] = []) {
    guard let client, knownPID != nil, !isBecoming else {
      if waiting.count < Self.waitingLimit { waiting.append((order, descriptors)) }
      return
    }
    do {
      try client.send(order, descriptors: descriptors.map { $0.raw() })
    } catch {
      disconnect()
      waiting.append((order, descriptors))
    }
  }

  /// The slots whose order to spawn still waits here for a shim.
  package var waitingSpawns: Set<String> {
    Set(waiting.compactMap { if case .spawn(let spawn) = $0.0 { spawn.slot } else { nil } })
  }

  /// Pushes buffered bytes; call at the end of a turn.
  package func flush() {
    guard let client else { return }
    client.flush()
    source?.setInterest(client.wantsWrite ? [.readable, .writable] : .readable)
  }
}
