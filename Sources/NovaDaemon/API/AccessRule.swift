// Who may do what, by the kernel's word for who is at the other end of the socket.
// Must never believe anything the request says about its sender, but of nova-edge's own user for whom it asks.

/// What a peer may do.
package enum Role: Int, Sendable, Hashable, Comparable {
  case nobody, worker, reader, admin
  /// Orders by power; a worker's own process ranks below a reader.
  package static func < (a: Role, b: Role) -> Bool { a.rawValue < b.rawValue }
}

/// Judges peers of the Unix socket.
package struct AccessRule: Sendable {
  /// The uid the supervisor runs as: it and root may do everything.
  package let ownUID: UInt32
  /// gid of `nova-admin`, when the group exists.
  package let adminGroup: UInt32?
  /// gid of `nova`, when the group exists.
  package let readerGroup: UInt32?

  /// uid of `nova-edge`, when the user exists: it may look, and act for whom it has verified.
  package let edgeUID: UInt32?

  /// Rules for a supervisor running as `ownUID`.
  package init(
    ownUID: UInt32, adminGroup: UInt32?, readerGroup: UInt32?, edgeUID: UInt32? = nil
  ) {
    self.ownUID = ownUID
    self.adminGroup = adminGroup
    self.readerGroup = readerGroup
    self.edgeUID = edgeUID
  }

  /// The role of a peer that says for which role it asks: it gets no more than its own. Only nova-edge's own is what it
  /// says, because it speaks for others; who takes that user over has the rights of every token.
  package func role(uid: UInt32, groups: [UInt32], isWorker: Bool, asking wanted: Role) -> Role {
    let own = role(uid: uid, groups: groups, isWorker: isWorker)
    guard !isWorker else { return own }
    return min(uid == edgeUID ? .admin : own, wanted)
  }

  /// Whether that peer is believed about for whom it asks.
  package func speaksForOthers(uid: UInt32, isWorker: Bool) -> Bool {
    !isWorker && (uid == edgeUID || uid == ownUID || uid == 0)
  }

  /// The role of a peer. A process inside a worker's group is that worker, whatever its uid:
  /// otherwise a worker running as root could approve its own spending.
  package func role(uid: UInt32, groups: [UInt32], isWorker: Bool) -> Role {
    if isWorker { return .worker }
    if uid == 0 || uid == ownUID { return .admin }
    if let edgeUID, uid == edgeUID { return .reader }
    if let adminGroup, groups.contains(adminGroup) { return .admin }
    if let readerGroup, groups.contains(readerGroup) { return .reader }
    return .nobody
  }
}
