// What workers say by sd_notify(3): verified by the kernel's credentials and the sender's cgroup, then turned into
// facts. Must never believe a datagram about a worker from a process that is not in one of its groups, except for
// READY and STATUS of a sender that is gone already and whose uid fits.

import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// One worker's notify socket, as the brain reads it.
final class NotifyInbox {
  let worker: WorkerName
  let path: String
  let uid: UInt32
  let gid: UInt32
  var socket: NotifySocket?
  var source: Source?
  /// What it may still send in this tenth of a second.
  var allowance = NotifyAllowance()

  init(worker: WorkerName, path: String, uid: UInt32, gid: UInt32) {
    self.worker = worker
    self.path = path
    self.uid = uid
    self.gid = gid
  }
}

extension Supervisor {
  // sun_path holds 107 bytes; a longer path gets a hashed name.
  private static let socketPathLimit = 107

  /// The path workers get as NOTIFY_SOCKET; asks the shim to hold the socket.
  func openNotify(for spec: WorkerSpec, uid: UInt32, gid: UInt32) -> String? {
    if let inbox = notifySockets[spec.name], inbox.uid == uid {
      // Not there yet, or refused the last time: asking again is harmless.
      if inbox.socket == nil {
        let order = ShimOrder.openNotify(
          worker: spec.name.text, path: inbox.path, uid: uid, gid: gid)
        shim?.send(order)
      }
      return inbox.path
    }
    var path = options.notifyDirectory + "/" + spec.name.text
    if path.utf8.count > Self.socketPathLimit {
      path = options.notifyDirectory + "/" + FNV1a<UInt64>(spec.name.text).hexadecimal
    }
    guard path.utf8.count <= Self.socketPathLimit else {
      trouble("the runtime directory's path is too long for a notify socket (use a shorter one)")
      return nil
    }
    let inbox = NotifyInbox(worker: spec.name, path: path, uid: uid, gid: gid)
    notifySockets[spec.name] = inbox
    shim?.send(.openNotify(worker: spec.name.text, path: path, uid: uid, gid: gid))
    return path
  }

  /// The shim handed over a worker's socket.
  func attachNotify(_ worker: String, _ box: DescriptorBox) {
    guard let name = WorkerName(worker) else { return }
    let inbox =
      notifySockets[name]
      ?? NotifyInbox(
        worker: name, path: options.notifyDirectory + "/" + worker, uid: .max, gid: .max)
    notifySockets[name] = inbox
    inbox.source?.cancel()
    inbox.source = nil
    let socket = NotifySocket(box)
    inbox.socket = socket
    // What waits in it may come from lives that are adopted only in a moment: read then.
    if hasAdopted { listen(to: inbox) }
  }

  /// Reads a worker's datagrams from now on.
  func listen(to inbox: NotifyInbox) {
    guard let socket = inbox.socket, inbox.source == nil else { return }
    inbox.source = try? loop.watch(socket.descriptor, .readable, priority: 5) { [weak self] _ in
      self?.drainNotify(inbox)
    }
  }

  /// Takes at most 64 datagrams a turn and what the allowance holds: a flood stays in its own queue, and neither the
  /// others nor the API wait for its end.
  private func drainNotify(_ inbox: NotifyInbox) {
    guard let socket = inbox.socket else { return }
    // It would be ready again at once, before whatever is less urgent: not before this turn is over.
    inbox.source?.setInterest([])
    var now = Clock.now().instant
    if let end = inbox.allowance.open(at: now) {
      // Windows begin at different moments: the first to end lets all be heard, and who is too early rests again.
      if overfull.isEmpty { notifyRest?.arm(at: end) }
      overfull.append(inbox)
      return
    }
    resting.append(inbox)
    try? socket.receive(limit: 64) { datagram in
      take(datagram, inbox)
      let later = Clock.now().instant
      inbox.allowance.spend(from: now, to: later)
      now = later
      return inbox.allowance.open(at: later) == nil
    }
  }

  /// The turn is over: who was heard in it may be heard in the next.
  func resumeNotify() {
    guard !resting.isEmpty else { return }
    for inbox in resting { inbox.source?.setInterest(.readable) }
    resting.removeAll(keepingCapacity: resting.count < 256)
  }

  /// The tenth of a second of those that had said too much in it is over.
  func endNotifyRest() {
    resting += overfull
    overfull = []
  }

  private func take(_ datagram: NotifyDatagram, _ inbox: NotifyInbox) {
    let fields = NotifyMessage.parse(datagram.bytes)
    guard !fields.isEmpty else { return }
    if let life = sender(of: datagram, worker: inbox.worker) {
      for field in fields { take(field, from: life) }
      takeRun(fields, from: life)
    } else if let life = plausibleSender(of: datagram, worker: inbox.worker) {
      for field in fields {
        switch field {
        case .ready, .status: take(field, from: life)
        default: continue
        }
      }
    }
  }

  /// The instance in whose group the sender is.
  private func sender(of datagram: NotifyDatagram, worker: WorkerName) -> Life? {
    guard let pid = datagram.sender?.pid, pid > 0 else { return nil }
    if let id = mainProcesses[pid], id.worker == worker, let life = lives[id] { return life }
    return life(ofProcess: pid).flatMap { $0.id.worker == worker ? $0 : nil }
  }

  /// A sender that is gone before it could be looked at: its uid must be the worker's, and only one instance live.
  private func plausibleSender(of datagram: NotifyDatagram, worker: WorkerName) -> Life? {
    guard let sender = datagram.sender, ProcessIdentity.of(sender.pid) == nil else { return nil }
    let candidates = fleet.instances(of: worker).compactMap { lives[$0.id] }.filter {
      $0.pid != nil && $0.exit == nil
    }
    guard candidates.count == 1, let life = candidates.first else { return nil }
    guard sender.uid == notifySockets[worker]?.uid else { return nil }
    return life
  }

  /// The live instance in whose cgroup a process is.
  func life(ofProcess pid: Int32) -> Life? {
    guard let tree, let path = PeerIdentity.cgroupPath(ofPid: pid),
      let id = tree.instance(inGroup: path)
    else {
      return lives.values.first { life in
        if case .session(let group) = life.group { return group.processes().contains(pid) }
        return false
      }
    }
    return lives[id]
  }

  /// Turns one field into facts.
  func take(_ field: NotifyField, from life: Life) {
    let id = life.id
    let incarnation = life.incarnation
    switch field {
    case .ready:
      if life.spec.ready == .notify { post(id, .becameReady(incarnation)) }
    case .status(let text): life.statusText = text
    case .watchdog:
      life.lastHeartbeat = Clock.now().instant
      post(id, .heartbeat(incarnation))
    case .watchdogTrigger: post(id, .watchdogTriggered(incarnation))
    case .stopping: post(id, .announcedStopping(incarnation))
    case .extendTimeout(let span): post(id, .timeoutExtended(incarnation, span))
    case .reloading, .mainPID, .barrier, .nova: break
    }
  }
}
