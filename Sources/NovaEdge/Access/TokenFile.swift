// The token file on disk, read again when it changes. Must never be believed when others can read or write it.

import Glibc
import NovaLinux

/// The tokens as they are now.
struct TokenFile {
  /// Nil: there are no tokens, only logins.
  let path: String?
  private var table = TokenTable()
  private var seen: Stamp?
  /// Why the file is not in use, for people; nil when it is.
  private(set) var problem: String?

  private struct Stamp: Equatable {
    var inode: UInt64, size: Int64, seconds: Int64, nanoseconds: Int64
  }

  init(path: String?) { self.path = path }

  /// The tokens; looks whether the file has changed. A file that is refused grants nothing. Calls stat(2).
  mutating func current() -> TokenTable {
    guard let path else { return table }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      return refuse("cannot read the token file \(path): \(SystemError.text(of: errno))", nil)
    }
    let stamp = Stamp(
      inode: UInt64(status.st_ino), size: Int64(status.st_size),
      seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
    if stamp == seen { return table }
    guard status.st_mode & 0o077 == 0 else {
      return refuse(
        "cannot use the token file \(path): others may read or write it (chmod 600 \(path))", stamp)
    }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      return refuse(
        "cannot use the token file \(path): it belongs to uid \(status.st_uid) (chown it to the user of nova-edge)",
        stamp)
    }
    do {
      let bytes = try FileBytes.read(path, limit: 1 << 20)
      table = try TokenTable(parsing: String(decoding: bytes, as: UTF8.self))
      seen = stamp
      problem = nil
      return table
    } catch let error as TokenTable.Problem {
      return refuse("\(path):\(error.line): \(error.message)", stamp)
    } catch {
      return refuse("cannot read the token file \(path): \(error)", nil)
    }
  }

  private mutating func refuse(_ sentence: String, _ stamp: Stamp?) -> TokenTable {
    table = TokenTable()
    seen = stamp
    problem = sentence
    return table
  }
}
