// Users and groups by name, through the system's name service. Must never be called on the loop: a directory server
// may take seconds to answer.

import Glibc

/// A user account.
package struct UserAccount: Sendable, Hashable {
  /// The login name.
  package var name: String
  /// User and primary group.
  package var uid: UInt32, gid: UInt32
  /// The home directory.
  package var home: String
  /// The login shell.
  package var shell: String
  /// All groups it is in, its primary one included.
  package var groups: [UInt32]
}

/// Look-ups in passwd and group.
package enum UserLookup {
  /// The account of that name or, when the text is a number, of that uid; nil when there is none.
  ///
  /// Throws when the name service fails, which is not the same. Calls `getpwnam_r(3)`, `getgrouplist(3)`.
  package static func user(_ name: String) throws(SystemError) -> UserAccount? {
    var size = 4096
    while true {
      var record = unsafe passwd()
      var found: UnsafeMutablePointer<passwd>?
      let room = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { unsafe room.deallocate() }
      let number =
        if let uid = UInt32(name) {
          unsafe getpwuid_r(uid, &record, room, size, &found)
        } else {
          unsafe getpwnam_r(name, &record, room, size, &found)
        }
      if number == ERANGE, size < 1 << 20 {
        size *= 4
        continue
      }
      // getpwnam_r(3) lists these as ways to say "no such user".
      if [0, ENOENT, ESRCH, EBADF, EPERM].contains(number), unsafe found == nil { return nil }
      guard number == 0 else {
        throw SystemError(call: "look up user", number: number, subject: name)
      }
      // SAFETY: the strings lie in `room`, which lives until this scope ends; they are copied here.
      return unsafe UserAccount(
        name: String(cString: record.pw_name), uid: record.pw_uid, gid: record.pw_gid,
        home: String(cString: record.pw_dir), shell: String(cString: record.pw_shell),
        groups: groups(of: record.pw_name, primary: record.pw_gid))
    }
  }

  /// The gid of a group name or, when the text is a number, that number; nil when there is none.
  ///
  /// Calls `getgrnam_r(3)`.
  package static func group(_ name: String) throws(SystemError) -> UInt32? {
    if let gid = UInt32(name) { return gid }
    var size = 4096
    while true {
      var record = unsafe Glibc.group()
      var found: UnsafeMutablePointer<Glibc.group>?
      let room = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { unsafe room.deallocate() }
      let number = unsafe getgrnam_r(name, &record, room, size, &found)
      if number == ERANGE, size < 1 << 24 {
        size *= 4
        continue
      }
      if [0, ENOENT, ESRCH, EBADF, EPERM].contains(number), unsafe found == nil { return nil }
      guard number == 0 else {
        throw SystemError(call: "look up group", number: number, subject: name)
      }
      return unsafe record.gr_gid
    }
  }

  private static func groups(of name: UnsafePointer<CChar>, primary: UInt32) -> [UInt32] {
    var count: CInt = 64
    while true {
      var groups = [gid_t](repeating: 0, count: Int(count))
      let room = count
      if unsafe getgrouplist(name, primary, &groups, &count) >= 0 {
        return Array(groups.prefix(Int(count)))
      }
      if count <= room || count > 65_536 { return [primary] }
    }
  }
}
