// Names of users and groups to numbers, once per name and reload: a name service may be slow.
// Must never answer a number for a name it does not know.

import Glibc
package import NovaLinux
package import NovaModel

/// As whom a worker runs, in numbers.
package struct WorkerIdentity: Sendable, Hashable {
  package var uid: UInt32
  package var gid: UInt32
  package var groups: [UInt32]
  package var name: String?
  package var home: String?
  package var shell: String?
}

/// Remembers look-ups until the next reload.
package struct UserCache {
  private var known: [WorkerSpec.Identity: WorkerIdentity] = [:]
  private var groupsOf: [UInt32: [UInt32]] = [:]

  /// The package and `novasup setup` make it.
  package static let defaultUser = "nova-worker"

  /// Looks up an account by name or number; nil when there is none.
  package typealias FindUser = (String) throws(SystemError) -> UserAccount?
  /// Looks up a group by name or number; nil when there is none.
  package typealias FindGroup = (String) throws(SystemError) -> UInt32?

  private let ownUID: UInt32
  private let findUser: FindUser
  private let findGroup: FindGroup

  /// An empty cache in front of the system's name service, for a supervisor running as `ownUID`.
  package init(
    ownUID: UInt32 = OwnProcess.uid, findUser: @escaping FindUser = UserLookup.user,
    findGroup: @escaping FindGroup = UserLookup.group
  ) {
    self.ownUID = ownUID
    self.findUser = findUser
    self.findGroup = findGroup
  }

  /// Forgets everything; names may mean something else after a reload.
  package mutating func forget() {
    known = [:]
    groupsOf = [:]
  }

  /// The identity a spec asks for. `warn` is told once when the default user is absent and root takes its place.
  package mutating func identity(
    of spec: WorkerSpec, warn: (String) -> Void
  ) throws(SystemError) -> WorkerIdentity {
    if let hit = known[spec.identity] { return hit }
    let found = try lookUp(spec.identity, warn: warn)
    known[spec.identity] = found
    return found
  }

  private func lookUp(
    _ wanted: WorkerSpec.Identity, warn: (String) -> Void
  ) throws(SystemError) -> WorkerIdentity {
    var identity: WorkerIdentity
    if let name = wanted.user {
      identity = try entry(name)
    } else if ownUID != 0 {
      identity = WorkerIdentity(uid: ownUID, gid: OwnProcess.gid, groups: [])
      if let own = (try? findUser(String(ownUID))) ?? nil {
        identity.name = own.name
        identity.home = own.home
        identity.shell = own.shell
      }
    } else if let account = try findUser(Self.defaultUser) {
      // A name service that fails throws: that is no reason to run anything as root.
      identity = Self.identity(account)
    } else {
      warn(
        "there is no user '\(Self.defaultUser)', so workers without `user:` run as root"
          + " (run novasup setup, or say `user: root` to mean it)")
      identity = try entry("root")
    }
    if let group = wanted.group { identity.gid = try gid(group) }
    for group in wanted.supplementaryGroups {
      let gid = try gid(group)
      if !identity.groups.contains(gid) { identity.groups.append(gid) }
    }
    return identity
  }

  private func entry(_ name: String) throws(SystemError) -> WorkerIdentity {
    guard let user = try findUser(name) else {
      throw SystemError(call: "find user", number: ENOENT, subject: name)
    }
    return Self.identity(user)
  }

  private static func identity(_ user: UserAccount) -> WorkerIdentity {
    WorkerIdentity(
      uid: user.uid, gid: user.gid, groups: user.groups, name: user.name, home: user.home,
      shell: user.shell)
  }

  private func gid(_ name: String) throws(SystemError) -> UInt32 {
    guard let gid = try findGroup(name) else {
      throw SystemError(call: "find group", number: ENOENT, subject: name)
    }
    return gid
  }

  /// The groups of whoever is at the other end of a socket, remembered until the next reload.
  package mutating func groups(ofUID uid: UInt32, gid: UInt32) -> [UInt32] {
    if let known = groupsOf[uid] { return known + [gid] }
    let found = ((try? findUser(String(uid))) ?? nil)?.groups ?? []
    groupsOf[uid] = found
    return found + [gid]
  }
}
