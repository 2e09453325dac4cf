// The shim itself: parent of every worker, keeper of every exit status until it is acknowledged. One thread, one loop.
// Must never decide anything, read a configuration or touch a log; must never end while a child lives, unless systemd
// says so: its unit's other processes end with it.

internal import CNovaSys
internal import CSystemd
internal import Glibc
internal import NovaModel

/// The program `nova-shim`.
package final class ShimServer {
  let options: ShimOptions
  let loop: EventLoop
  let cgroup: CgroupRoot
  let listener: DescriptorBox
  let lock: RuntimeLock
  /// What workers get: the limit on open files as it was before we raised our own.
  let files: ResourceLimit
  var table: ShimTable
  /// The brain, once it has said hello.
  var brain: ShimConnection?
  /// Connections that have not: at most 8, so that nobody replaces the brain by merely connecting.
  var strangers: [ShimConnection] = []
  /// Report pipes of children whose program does not execute yet, by pid.
  var pipes: [Int32: Source] = [:]
  var sources: [Source] = []
  /// When what many starts needed is given back.
  var memory = MemoryRest()
  var memoryTimer: Timer?
  var exitCode: Int32?
  /// The program to become once the brain has been told everything.
  var successor: String?

  /// Runs until it is told to end; answers the exit code. Only an error before the first connection throws.
  package static func run(_ options: ShimOptions) throws(SystemError) -> Int32 {
    let server = try ShimServer(options)
    try server.begin()
    while server.exitCode == nil {
      // A loop that cannot run (out of memory) is tried again after 10 ms: ending would end every worker.
      do { _ = try server.loop.turn(limit: 64, timeout: nil) } catch { poll(nil, 0, 10) }
    }
    server.end()
    return server.exitCode ?? 0
  }

  private init(_ options: ShimOptions) throws(SystemError) {
    self.options = options
    Self.openStandardDescriptors()
    if let number = options.state {
      if let state = ShimState.load(number) {
        loop = try EventLoop()
        table = state.table
        cgroup = state.cgroup
        listener = DescriptorBox(Descriptor(state.listener))
        lock = RuntimeLock(Descriptor(state.lock))
        files = state.files
        return
      }
      // Not to be understood: begin anew, without the old lock. The children become orphans that are only reaped.
      closefrom(3)
    }
    loop = try EventLoop()
    // Nobody's directory is held busy by a program that lives for months.
    unsafe chdir("/")
    // One notify socket a worker is more than the usual soft limit of 1024.
    files = OpenFiles.raise()
    unsafe mkdir(options.runtime, 0o755)
    // Before the socket: it must not be taken from under a living shim.
    lock = try RuntimeLock.take(options.runtime, file: "shim.lock", holder: "another nova-shim")
    table = ShimTable()
    cgroup = CgroupRoot.prepare(options.cgroup, runtime: options.runtime)
    listener = DescriptorBox(try UnixSocket.listen(at: options.runtime + "/shim.sock"))
  }

  private func begin() throws(SystemError) {
    Glibc.signal(SIGPIPE, SIG_IGN)
    if options.detached {
      Glibc.signal(SIGINT, SIG_IGN)
      Glibc.signal(SIGHUP, SIG_IGN)
    }
    let subreaper = nova_set_subreaper()
    guard subreaper >= 0 else {
      throw SystemError(call: "become a subreaper", number: -subreaper, subject: "")
    }
    protectFromOOM()
    OwnProcess.forbidDumps()
    sources.append(try loop.signal(SIGCHLD) { [unowned self] in reap() })
    sources.append(try loop.signal(SIGTERM) { [unowned self] in terminate() })
    memoryTimer = try loop.timer { [unowned self] in giveMemoryBack() }
    sources.append(
      try loop.watch(listener.raw(), .readable) { [unowned self] _ in acceptConnections() })
    for child in table.children.values {
      if let pending = child.pending { watch(child.pid, pending) }
    }
    reap()
    // A detached shim would speak for the service of the supervisor that started it.
    // SAFETY: one datagram to $NOTIFY_SOCKET, nothing when there is none.
    if !options.detached { unsafe sd_notify(0, "READY=1") }
  }

  private func end() {
    for worker in Array(table.notify.keys) { closeNotify(worker) }
    unsafe unlink(options.runtime + "/shim.sock")
    cgroup.remove()
  }

  /// systemd ends the whole unit; a detached shim stays while anybody needs it.
  private func terminate() {
    if !options.detached || table.children.isEmpty { exitCode = 0 }
  }

  private func giveMemoryBack() {
    if let again = memory.look(at: Clock.now().instant) {
      memoryTimer?.arm(at: again)
    } else {
      MemoryRest.giveBack()
    }
  }

  private func acceptConnections() {
    for _ in 0..<16 {
      guard let accepted = try? UnixSocket.accept(listener.raw()) else { return }
      guard let peer = try? PeerIdentity.of(socket: accepted.raw()),
        peer.uid == 0 || peer.uid == geteuid()
      else { continue }
      // 16 MiB: a list of 100,000 children; a brain that lets more pile up does not read.
      let stream = FrameStream(accepted, maxQueuedBytes: 16 << 20)
      let connection = ShimConnection(stream)
      guard
        let source = try? loop.watch(
          stream.descriptor, .readable,
          { [unowned self, unowned connection] ready in serve(connection, ready) })
      else { continue }
      connection.source = source
      strangers.append(connection)
      if strangers.count > 8 { strangers.removeFirst().close() }
    }
  }

  private func serve(_ connection: ShimConnection, _ ready: Interest) {
    if ready.contains(.writable) { connection.stream.flush() }
    // A few orders, then children and others have their turn. What comes with more of them would be open all at once, and each
    // child would be born with all of it.
    let messages = (try? connection.stream.receive(limit: 8)) ?? []
    // What was ordered before the connection ended holds: a brain's last words may be acknowledgements.
    orders: for message in messages {
      switch ShimOrder.decode(message) {
      case .value(let order): perform(order, message, from: connection)
      case .unknown: continue
      case .malformed:
        connection.close()
        break orders
      }
    }
    connection.updateInterest()
    if connection.stream.isClosed { forget(connection) }
    if let successor { reexec(successor) }
  }

  func forget(_ connection: ShimConnection) {
    connection.close()
    if brain === connection {
      brain = nil
      successor = nil
    }
    strangers.removeAll { $0 === connection }
  }

  /// To the brain, if there is one.
  func report(_ report: ShimReport) {
    if let brain {
      let report = brain.takesListeners ? report : report.inOlderWords
      brain.send(report)
      if !brain.stream.isClosed { return }
      forget(brain)
    }
    if case .failed = report { table.keep(failure: report) }
  }

  /// Descriptors 0 to 2 must be somebody's: a socket there would become a worker's stdin.
  private static func openStandardDescriptors() {
    while true {
      let number = unsafe open("/dev/null", O_RDWR)
      guard number >= 0 else { return }
      if number > 2 {
        close(number)
        return
      }
    }
  }

  /// Where allowed; an ordinary user may not, and then the kernel chooses as it does.
  private func protectFromOOM() {
    let number = unsafe open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard number >= 0 else { return }
    let file = Descriptor(number)
    _ = unsafe write(file.raw(), "-1000", 5)
  }
}

/// One connection and what the loop watches it with.
final class ShimConnection {
  let stream: FrameStream
  var source: Source?
  /// It has said hello and no other has since.
  var isBrain = false
  /// It said in hello that it knows what a listener is.
  var takesListeners = false

  init(_ stream: FrameStream) { self.stream = stream }

  /// A peer that does not read loses its connection; exits stay queued for the next.
  func send(_ report: ShimReport) {
    do {
      try stream.send(report.frame, descriptors: report.descriptors)
      updateInterest()
    } catch { close() }
  }

  func updateInterest() {
    source?.setInterest(stream.wantsWrite ? [.readable, .writable] : .readable)
  }

  func close() {
    source?.cancel()
    source = nil
    stream.close()
  }
}
