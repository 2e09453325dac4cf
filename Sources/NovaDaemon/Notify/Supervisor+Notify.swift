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
  /// Since when something that was heard waits in its queue for the disk.
  var keepsSince: Instant?
  /// Words of somebody of whom the shim has not told yet, and up to where they are kept for that.
  var unborn: [NotifyDatagram] = []
  var unbornThrough: UInt64 = 0
  /// How often words of newborns were taken, and which time is not on the disk yet; nil: all are.
  var births = 0
  var pendingBirth: Int?

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
  // A disk that takes longer than that keeps no worker waiting before its full queue.
  private static let longestKept = Span.seconds(1)

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
    inbox.socket = NotifySocket(box)
    inbox.keepsSince = nil
    // All that waits in it is heard again from the beginning.
    inbox.unborn = []
    inbox.unbornThrough = 0
    inbox.pendingBirth = nil
    // What waits in it may come from lives that are adopted only in a moment: read then.
    if hasAdopted { listen(to: inbox) }
  }

  /// Reads a worker's datagrams from now on.
  func listen(to inbox: NotifyInbox) {
    guard let socket = inbox.socket, inbox.source == nil else { return }
    inbox.source = try? loop.watch(socket.descriptor, .readable) { [weak self] _ in
      self?.drainNotify(inbox)
    }
  }

  /// Takes at most 64 datagrams a turn and what the allowance holds: a flood stays in its own queue, and neither the
  /// others nor the API wait for its end.
  private func drainNotify(_ inbox: NotifyInbox) {
    // Whoever speaks here may have been born a moment ago: the shim's word of that comes first, whoever's turn it is. Of somebody
    // who has also ended by now nothing else would tell whose he was.
    shim?.ready()
    // It would be ready again at once, before whatever is less urgent: not before this turn is over.
    inbox.source?.setInterest([])
    if let end = inbox.allowance.open(at: Clock.now().instant) {
      // Windows begin at different moments: the first to end lets all be heard, and who is too early rests again.
      if overfull.isEmpty, keeping.isEmpty { notifyRest?.arm(at: end) }
      overfull.append(inbox)
      return
    }
    resting.append(inbox)
    hear(inbox, limit: 64)
  }

  /// Takes what waits in a socket. What has to last leaves its queue when the disk has what became of it: until then the
  /// next brain hears it again. `isLast`: a sender is gone, and nothing of it is left for later.
  private func hear(_ inbox: NotifyInbox, limit: Int, isLast: Bool = false) {
    guard let socket = inbox.socket else { return }
    var now = Clock.now().instant
    let mark = try? socket.receive(limit: limit) { datagram in
      let fate = take(datagram, inbox)
      let later = Clock.now().instant
      inbox.allowance.spend(from: now, to: later)
      now = later
      return (fate, isLast || inbox.allowance.open(at: later) == nil)
    }
    guard let mark = mark ?? nil else { return }
    FaultPoint.heard.reached()
    inbox.source?.setInterest([])
    if inbox.keepsSince == nil {
      inbox.keepsSince = now
      if overfull.isEmpty, keeping.isEmpty { notifyRest?.arm(at: now + NotifyAllowance.window) }
      keeping.append(inbox)
    }
    whenDurable { [weak self] in self?.letGo(inbox, socket, through: mark) }
  }

  /// What was heard is safe.
  func letGo(_ inbox: NotifyInbox, _ socket: NotifySocket, through mark: UInt64) {
    // Another socket since: what was heard is heard from it again, and is known.
    guard inbox.socket === socket else { return }
    guard inbox.unborn.isEmpty, inbox.pendingBirth == nil else {
      inbox.unbornThrough = max(inbox.unbornThrough, mark)
      return
    }
    socket.drop(through: mark)
    guard !socket.keeps else { return }
    inbox.keepsSince = nil
    resting.append(inbox)
  }

  /// The turn is over: who was heard in it may be heard in the next.
  func resumeNotify() {
    guard !resting.isEmpty else { return }
    for inbox in resting where inbox.keepsSince == nil { inbox.source?.setInterest(.readable) }
    resting.removeAll(keepingCapacity: resting.count < 256)
  }

  /// The tenth of a second of those that had said too much in it is over. And who waits for the disk is heard meanwhile, since a
  /// heartbeat does not wait; for longer than a second nobody waits.
  func endNotifyRest() {
    shim?.ready()
    resting += overfull
    overfull = []
    let now = Clock.now().instant
    for inbox in keeping {
      guard let since = inbox.keepsSince, let socket = inbox.socket else { continue }
      if now - since >= Self.longestKept {
        inbox.unborn = []
        inbox.pendingBirth = nil
        letGo(inbox, socket, through: .max)
      } else {
        hear(inbox, limit: 64)
      }
    }
    keeping.removeAll { $0.keepsSince == nil }
    if !keeping.isEmpty { notifyRest?.arm(at: now + NotifyAllowance.window) }
  }

  /// A process has ended: what it said before is heard before its end is taken.
  func hearOut(_ worker: WorkerName, process pid: Int32) {
    guard let inbox = notifySockets[worker] else { return }
    if hasAdopted { return hear(inbox, limit: 512, isLast: true) }
    // The others that speak here may not be known yet: theirs is for later.
    try? inbox.socket?.survey(limit: 512) { datagram in
      if datagram.sender?.pid == pid { _ = take(datagram, inbox) }
    }
  }

  func take(_ datagram: NotifyDatagram, _ inbox: NotifyInbox) -> NotifySocket.Fate {
    let fields = NotifyMessage.parse(datagram.bytes)
    guard !fields.isEmpty else { return .dropped }
    var fate = NotifySocket.Fate.dropped
    if let life = sender(of: datagram, worker: inbox.worker) {
      for field in fields where take(field, from: life) { fate = .kept }
      if takeRun(fields, from: life, said: datagram) { fate = .kept }
    } else if let life = plausibleSender(of: datagram, worker: inbox.worker) {
      for field in fields {
        switch field {
        case .ready, .status: if take(field, from: life) { fate = .kept }
        default: continue
        }
      }
    } else if waitsForBirth(datagram, inbox) {
      fate = .kept
    }
    return fate
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

  /// Turns one field into facts. Returns whether the next brain would have to know.
  @discardableResult
  func take(_ field: NotifyField, from life: Life) -> Bool {
    let id = life.id
    let incarnation = life.incarnation
    switch field {
    case .ready:
      guard life.spec.ready == .notify else { return false }
      post(id, .becameReady(incarnation))
      defer { life.saidReady = true }
      return !life.saidReady
    case .status(let text): life.statusText = text
    case .watchdog:
      life.lastHeartbeat = Clock.now().instant
      post(id, .heartbeat(incarnation))
    case .watchdogTrigger:
      post(id, .watchdogTriggered(incarnation))
      return true
    case .stopping:
      post(id, .announcedStopping(incarnation))
      return true
    case .extendTimeout(let span):
      post(id, .timeoutExtended(incarnation, span))
      return true
    case .reloading, .mainPID, .barrier, .nova: break
    }
    return false
  }
}
