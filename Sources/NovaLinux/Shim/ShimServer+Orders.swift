// Carrying out orders, one function each. Every order that cannot be carried out is answered with why.
// Must never act on a path outside the runtime directory or the cgroup root, whoever asks.

internal import CNovaSys
internal import Glibc
internal import NovaModel

extension ShimServer {
  func perform(_ order: ShimOrder, _ message: Message, from connection: ShimConnection) {
    if case .hello(_, let features) = order { return greet(connection, features) }
    guard connection.isBrain else {
      return connection.send(.refused("an order before hello (say hello first)"))
    }
    switch order {
    case .hello: return
    case .spawn(let order): spawn(order, message)
    case .signal(let slot, let incarnation, let signal, let wholeGroup):
      self.signal(ChildKey(slot: slot, incarnation: incarnation), signal, wholeGroup)
    case .list: list()
    case .ack(let slot, let incarnation):
      table.acknowledge(ChildKey(slot: slot, incarnation: incarnation))
    case .openNotify(let worker, let path, let uid, let gid):
      openNotify(worker, path, uid, gid)
    case .closeNotify(let worker): closeNotify(worker)
    case .reexec(let path): reexec(path)
    case .shutdown: shutdown()
    }
  }

  private func greet(_ connection: ShimConnection, _ theirs: [String]) {
    if let old = brain, old !== connection {
      old.isBrain = false
      forget(old)
    }
    strangers.removeAll { $0 === connection }
    connection.isBrain = true
    connection.takesListeners = theirs.contains(ShimProtocol.gatewayFeature)
    brain = connection
    report(
      .hello(
        version: ShimProtocol.version,
        features: [
          cgroup.path == nil ? "sessions" : "cgroup", "reexec", "notify",
          ShimProtocol.gatewayFeature,
        ] + [ProgramFile.own()?.feature].compactMap(\.self),
        pid: getpid(), cgroupRoot: cgroup.path, controllers: cgroup.controllers))
    for (worker, entry) in table.notify { report(.notifySocket(worker: worker, entry.box)) }
    for pid in table.children.keys { reportListener(of: pid) }
  }

  private func list() {
    for child in table.children.values {
      report(
        .child(
          slot: child.key.slot, incarnation: child.key.incarnation, pid: child.pid,
          startedMonotonicNsec: child.started))
    }
    for exit in table.exits.values { report(.exited(exit)) }
    for failure in table.takeFailures() { report(failure) }
    report(.listed)
    // The start is over, for this supervisor and for us.
    ProgramText.release()
  }

  private func spawn(_ order: SpawnOrder, _ message: Message) {
    let stdio = message.descriptors
    let key = ChildKey(slot: order.slot, incarnation: order.incarnation)
    func fail(_ failure: SpawnFailure) {
      report(
        .failed(
          slot: key.slot, incarnation: key.incarnation, stage: failure.stage,
          errno: failure.number))
    }
    guard stdio.count == 3 else {
      return fail(SpawnFailure(.stdio, message.lostDescriptors ? EMFILE : EBADF))
    }
    guard !table.knows(key) else { return fail(SpawnFailure(.prepare, EEXIST)) }
    if let look = memory.started(at: Clock.now().instant) { memoryTimer?.arm(at: look) }
    var group: DescriptorBox?
    if let path = order.cgroup {
      guard let opened = cgroup.open(path) else { return fail(SpawnFailure(.cgroup, ENOENT)) }
      group = DescriptorBox(opened)
    }
    var order = order
    if !order.rlimits.contains(where: { $0.resource == files.resource }) {
      order.rlimits.append(files)
    }
    let numbers = (stdio[0].raw(), stdio[1].raw(), stdio[2].raw())
    do {
      let started = Clock.now().instant.nanoseconds
      let child = try order.start(stdio: numbers, group: group?.raw() ?? -1)
      var entry = Child(
        key: key, pid: child.pid, started: started, grouped: group != nil, pending: child.report)
      if let shared = child.shared { entry.shared = stdio + [shared] + [group].compactMap(\.self) }
      table.add(entry)
      watch(child.pid, child.report)
    } catch {
      fail(error)
    }
  }

  /// Only a child that is not reaped has this number for certain.
  private func signal(_ key: ChildKey, _ number: Int32, _ wholeGroup: Bool) {
    guard let pid = table.pid(of: key) else {
      // An exit on its way to the brain is answer enough.
      if !table.knows(key) {
        report(.refused("cannot signal \(key.slot): incarnation \(key.incarnation) is not running"))
      }
      return
    }
    // The child leads its group since setsid(2); before that it has none of its own.
    let target = wholeGroup && getpgid(pid) == pid ? -pid : pid
    if kill(target, number) != 0 {
      report(.refused("cannot signal \(key.slot): \(SystemError.text(of: errno))"))
    }
  }

  private func openNotify(_ worker: String, _ path: String, _ uid: UInt32, _ gid: UInt32) {
    func refuse(_ number: Int32) {
      report(
        .refused("cannot open notify socket \(path): \(SystemError.text(of: number))"))
    }
    guard path.hasPrefix(options.runtime + "/"), !path.split(separator: "/").contains("..") else {
      return refuse(EPERM)
    }
    if let entry = table.notify[worker], entry.path == path, unsafe access(path, F_OK) == 0 {
      return report(.notifySocket(worker: worker, entry.box))
    }
    closeNotify(worker)
    if let slash = path.lastIndex(of: "/") { unsafe mkdir(String(path[..<slash]), 0o755) }
    let number = unsafe nova_notify_socket(path, uid, gid)
    guard number >= 0 else { return refuse(-number) }
    let entry = NotifyEntry(path: path, box: DescriptorBox(Self.high(Descriptor(number))))
    table.notify[worker] = entry
    report(.notifySocket(worker: worker, entry.box))
  }

  /// The same under a number beyond those of births: a child copies those below the highest that it needs.
  private static func high(_ descriptor: consuming Descriptor) -> Descriptor {
    let number = fcntl(descriptor.raw(), F_DUPFD_CLOEXEC, 1024)
    // Where so many are not allowed, it stays where it is.
    return number < 0 ? descriptor : Descriptor(number)
  }

  func closeNotify(_ worker: String) {
    guard let entry = table.notify.removeValue(forKey: worker) else { return }
    unsafe unlink(entry.path)
  }

  private func shutdown() {
    guard table.children.isEmpty, table.exits.isEmpty else {
      return report(
        .refused(
          "cannot shut down: \(table.children.count) children live and \(table.exits.count) exits "
            + "are not acknowledged"))
    }
    exitCode = 0
  }

  /// Becomes the program at `path`: same pid, so the same children. The connection ends; the listener waits.
  func reexec(_ path: String) {
    successor = nil
    func refuse(_ number: Int32) {
      report(.refused("cannot reexec \(path): \(SystemError.text(of: number))"))
    }
    guard path.hasPrefix("/"), unsafe access(path, X_OK) == 0 else { return refuse(ENOENT) }
    brain?.stream.flush()
    // What the brain has not been sent would be lost with this program: a failure is reported once.
    guard brain?.stream.wantsWrite != true else {
      successor = path
      return
    }
    var state = ShimState()
    state.table = table
    state.cgroup = cgroup
    state.files = files
    state.listener = listener.raw()
    state.lock = lock.raw()
    do {
      let file = try state.store()
      let kept = state.descriptors + [file.raw()]
      let arguments = CStrings(["nova-shim"] + options.arguments + ["--state-fd", "\(file.raw())"])
      for number in kept { ShimState.setCloseOnExec(number, false) }
      // SAFETY: both strings outlive the call, which only returns when it failed.
      unsafe execv(path, arguments.pointers)
      let number = errno
      for number in kept { ShimState.setCloseOnExec(number, true) }
      refuse(number)
    } catch { refuse(error.number) }
  }
}
