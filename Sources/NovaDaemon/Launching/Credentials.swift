// `secrets:` as files only the worker may read, in a directory of its own on the runtime file system.
// Must never put a value into an environment, a log or an error.

package import NovaLinux
package import NovaModel

/// Credential directories of instances.
package struct Credentials: Sendable {
  /// Parent of all of them, such as /run/nova/credentials.
  package let root: String
  /// The supervisor's own $CREDENTIALS_DIRECTORY, where systemd put what LoadCredential= names.
  package let ownDirectory: String?
  /// nova.env, as last accepted.
  package var environment: [String: String]

  // 1 MiB is systemd's own limit for all credentials of a unit.
  private static let valueLimit = 1 << 20

  /// Credentials below `root`, taken from systemd's first and then from nova.env.
  package init(root: String, ownDirectory: String?, environment: [String: String]) {
    self.root = root
    self.ownDirectory = ownDirectory
    self.environment = environment
  }

  /// Where the files of an instance are.
  package func directory(of id: InstanceID) -> String { root + "/" + id.description }

  /// Writes the secrets of an instance, each a file of mode 0400 owned by the worker, in a directory of mode 0500.
  /// Nil when it has none. A secret that nobody holds throws ENOENT with the secret's name.
  package func install(
    _ names: [String], for id: InstanceID, uid: UInt32, gid: UInt32
  ) throws(SystemError) -> String? {
    guard !names.isEmpty else { return nil }
    let directory = directory(of: id)
    remove(for: id)
    do throws(SystemError) {
      try fill(directory, names, uid: uid, gid: gid)
    } catch {
      // Half of a worker's secrets are of no use to it.
      remove(for: id)
      throw error
    }
    return directory
  }

  private func fill(
    _ directory: String, _ names: [String], uid: UInt32, gid: UInt32
  ) throws(SystemError) {
    try Directory.make(directory, mode: 0o700)
    let owner = OwnProcess.isRoot ? (uid: uid, gid: gid) : nil
    for name in names {
      try FileBytes.write(
        try value(of: name), to: directory + "/" + name, mode: 0o400, owner: owner)
    }
    try Directory.hand(directory, mode: 0o500, owner: owner)
  }

  /// Removes the files of an instance; harmless when there are none.
  package func remove(for id: InstanceID) {
    Directory.discard(directory(of: id))
  }

  private func value(of name: String) throws(SystemError) -> [UInt8] {
    if let own = ownDirectory {
      do {
        return try FileBytes.read(own + "/" + name, limit: Self.valueLimit)
      } catch  where error.isAbsent {}
    }
    if let text = environment[name] { return Array(text.utf8) }
    throw .absent("find secret", name)
  }
}
