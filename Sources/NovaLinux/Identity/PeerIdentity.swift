// Who is at the other end of a Unix socket, by what the kernel says. Must never believe anything the peer says itself.

import CNovaSys
import Glibc

/// The credentials of a peer as they were when it connected.
package struct PeerIdentity: Sendable, Hashable {
  /// The process; for people and the group look-up only: it may have ended since.
  package var pid: Int32
  /// Effective user and group.
  package var uid: UInt32, gid: UInt32
  /// Supplementary groups; nil where the kernel does not tell (before Linux 4.13).
  package var groups: [UInt32]?

  /// Credentials put together by hand.
  package init(pid: Int32, uid: UInt32, gid: UInt32, groups: [UInt32]?) {
    self.pid = pid
    self.uid = uid
    self.gid = gid
    self.groups = groups
  }

  /// Asks the kernel about a connected Unix socket. Calls `getsockopt(2)` with SO_PEERCRED and SO_PEERGROUPS.
  package static func of(socket fd: CInt) throws(SystemError) -> PeerIdentity {
    var credentials = nova_host_credentials()
    let answer = unsafe nova_host_peer_credentials(fd, &credentials)
    guard answer == 0 else {
      throw SystemError(call: "identify peer of", number: -answer, subject: "socket \(fd)")
    }
    return PeerIdentity(
      pid: credentials.pid, uid: credentials.uid, gid: credentials.gid, groups: groups(of: fd))
  }

  /// Whether it is root or in that group, by its primary or supplementary groups.
  package func isMember(of group: UInt32) -> Bool {
    gid == group || (groups?.contains(group) ?? false)
  }

  /// The path of a process's cgroup v2, such as `/nova.slice/nova-workers.service/w-outreach-1`, relative to the
  /// cgroup root this process sees; nil when it is gone or in none. Reads `/proc/PID/cgroup`.
  package static func cgroupPath(ofPid pid: Int32, proc: String = "/proc") -> String? {
    guard let bytes = try? KernelFile.read("\(proc)/\(pid)/cgroup") else { return nil }
    let prefix = Array("0::".utf8)
    for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: prefix) {
      return String(decoding: line.dropFirst(prefix.count), as: UTF8.self)
    }
    return nil
  }

  private static func groups(of fd: CInt) -> [UInt32]? {
    // 64 first: more groups than nearly anybody has. 65,536 is the kernel's NGROUPS_MAX.
    var capacity: Int32 = 64
    while true {
      var groups = [UInt32](repeating: 0, count: Int(capacity))
      let answer = unsafe nova_host_peer_groups(fd, &groups, capacity)
      if answer < 0 || answer > 65_536 { return nil }
      if answer <= capacity { return Array(groups.prefix(Int(answer))) }
      capacity = answer
    }
  }
}
