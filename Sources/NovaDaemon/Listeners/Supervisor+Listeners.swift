// Instances with `network: gateway`: their listeners come from the shim and go on to nova-edge. Must never tell of a life
// that is over, nor let a worker near the socket, whatever its uid.

import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Opens gateway.sock; its readers are told once every life is known.
  func listenForGateways() throws(SystemError) {
    let account = (try? UserLookup.user("nova-edge")) ?? nil
    listenerSocket = try ListenerSocket(
      loop: loop, path: options.gatewaySocket,
      gid: OwnProcess.isRoot ? account?.gid ?? OwnProcess.gid : OwnProcess.gid,
      admits: { [weak self] peer in self?.mayHaveListeners(peer) ?? false },
      everybody: { [weak self] in self?.listeners.all ?? [] })
  }

  private func mayHaveListeners(_ peer: PeerIdentity) -> Bool {
    let life = peer.pid > 0 ? life(ofProcess: peer.pid) : nil
    if access.speaksForOthers(uid: peer.uid, isWorker: life != nil) { return true }
    noteRefusal(
      actor: "uid:\(peer.uid)", worker: life?.id.worker,
      "gateway.sock is for nova-edge and root alone, and for no worker")
    return false
  }

  /// The shim has handed over the listener of a life.
  func listens(_ slot: String, _ incarnation: Incarnation, _ listener: DescriptorBox) {
    guard let id = InstanceID(slot) else { return }
    let (ended, new) = listeners.take(id, incarnation, listener)
    if let ended { listenerSocket?.tell(.gone(ended)) }
    if let new { listenerSocket?.tell(.listens(new), listener) }
  }

  /// A life is over.
  func endListener(_ id: InstanceID, _ incarnation: Incarnation) {
    if let ended = listeners.end(id, incarnation) { listenerSocket?.tell(.gone(ended)) }
  }

  /// The shim is gone, and with it every life.
  func endListeners() {
    for ended in listeners.endAll() { listenerSocket?.tell(.gone(ended)) }
  }

  /// The listener comes before the start is told: one that did not come was lost on the way.
  func lookForListener(of life: Life) {
    guard life.spec.security.network == .gateway, !listeners.has(life.id, life.incarnation) else {
      return
    }
    trouble(
      "cannot hand the listener of \(life.id) to the gateway: no descriptor was left for it"
        + " (raise LimitNOFILE= of nova-supervisor and nova-workers, then restart \(life.id.worker))"
    )
  }

  /// The network of a new life, as the running shim can give it.
  func network(of life: Life) throws(PreparationFailure) -> SpawnOrder.Network {
    switch life.spec.security.network {
    case .host: return .host
    case .none: return .none
    case .gateway:
      guard let hello, hello.features.contains(ShimProtocol.gatewayFeature) else {
        throw PreparationFailure(
          .network, NetworkAdvice.unsupported,
          "cannot give it a network with a way to the gateway: the running nova-shim"
            + " (pid \(hello.map { String($0.pid) } ?? "unknown")) is of a release that cannot"
            + " (install the nova-shim of this release and restart nova-supervisor; where that does not renew it,"
            + " restart nova-workers, which stops every worker)")
      }
      return .gateway
    }
  }
}
