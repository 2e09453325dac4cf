// One supervisor a runtime directory: an exclusive flock(2), gone with its holder however that ends.
// Must never be taken by deleting somebody else's file.

internal import Glibc

/// The held lock; released when it goes out of scope.
package struct RuntimeLock: ~Copyable, Sendable {
  private let file: Descriptor

  /// Adopts a descriptor that holds the lock already, after an exec.
  init(_ file: consuming Descriptor) { self.file = file }

  /// The locked descriptor, to be carried over an exec.
  borrowing func raw() -> CInt { file.raw() }

  /// Locks DIRECTORY/lock and writes our pid into it. When another holds it the error's `isHeldLock` is true and its
  /// message reads `cannot lock DIRECTORY: another supervisor runs (pid N)`. Calls `flock(2)`.
  package static func take(_ directory: String) throws(SystemError) -> RuntimeLock {
    try take(directory, file: "lock", holder: "another supervisor")
  }

  static func take(
    _ directory: String, file name: String, holder who: String
  ) throws(SystemError) -> RuntimeLock {
    let path = directory + "/" + name
    let file = Descriptor(
      // SAFETY: the path is a C string for the length of the call.
      try checked("open", path) { unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) })
    do {
      _ = try checked("lock", directory) { flock(file.raw(), LOCK_EX | LOCK_NB) }
    } catch {
      guard error.number == EWOULDBLOCK else { throw error }
      let holder = pid(in: file.raw()).map { " (pid \($0))" } ?? ""
      throw SystemError(
        call: "lock", number: EWOULDBLOCK, subject: directory,
        reason: "\(who) runs\(holder)")
    }
    let text = Array("\(getpid())\n".utf8)
    _ = try checked("write", path) { ftruncate(file.raw(), 0) }
    _ = try checked("write", path) {
      unsafe CInt(clamping: pwrite(file.raw(), text, text.count, 0))
    }
    return RuntimeLock(file)
  }

  private static func pid(in file: CInt) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = unsafe pread(file, &bytes, bytes.count, 0)
    let digits = bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }
    return String(validating: digits, as: UTF8.self).flatMap { Int32($0) }
  }
}

extension SystemError {
  /// Another supervisor holds the runtime directory.
  package var isHeldLock: Bool { call == "lock" && number == EWOULDBLOCK }
}
