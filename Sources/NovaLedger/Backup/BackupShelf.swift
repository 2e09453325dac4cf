// The directory of automatic backups: numbered, so that a clock that jumps confuses nobody, and a few of them kept.
// Must never remove a file that does not bear the name of an automatic backup.

internal import Glibc
package import NovaModel

/// The automatic backups of one state directory.
package struct BackupShelf: Sendable {
  /// Where they lie.
  package let directory: String

  /// The shelf in `directory`, which need not exist yet.
  package init(_ directory: String) { self.directory = directory }

  /// One backup on the shelf.
  package struct Item: Sendable, Hashable {
    /// Ascending, from 1.
    package var number: Int64
    /// The file.
    package var path: String
    /// When it was made, by the file system.
    package var made: WallTime
    /// Its size.
    package var bytes: Int64
  }

  /// What is there, oldest first.
  package func items() -> [Item] {
    guard let stream = unsafe opendir(directory) else { return [] }
    // SAFETY: the handle is ours, used by this call only and closed on the way out.
    defer { unsafe closedir(stream) }
    var found: [Item] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { raw in
        unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let number = Self.number(of: name) else { continue }
      let path = directory + "/" + name
      var status = stat()
      guard unsafe stat(path, &status) == 0 else { continue }
      let made = WallTime(
        microseconds: Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec)
          / 1000)
      found.append(Item(number: number, path: path, made: made, bytes: Int64(status.st_size)))
    }
    return found.sorted { $0.number < $1.number }
  }

  /// `nova-000012.db` is 12; nil for any other name.
  static func number(of name: String) -> Int64? {
    guard name.hasPrefix("nova-"), name.hasSuffix(".db") else { return nil }
    let digits = name.dropFirst(5).dropLast(3)
    guard digits.count >= 6, digits.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
    return Int64(digits)
  }

  /// The path of the next one; makes the directory, mode 0700. Calls `mkdir(2)`.
  package func next() throws(LedgerError) -> String {
    if unsafe mkdir(directory, 0o700) != 0, errno != EEXIST {
      throw LedgerFile.failure("make \(directory)", errno)
    }
    let digits = String((items().last?.number ?? 0) + 1)
    let zeros = String(repeating: "0", count: max(0, 6 - digits.count))
    return "\(directory)/nova-\(zeros)\(digits).db"
  }

  /// Removes all but the newest `count`.
  package func keep(_ count: Int) {
    for item in items().dropLast(max(1, count)) { unsafe _ = unlink(item.path) }
  }

  /// The newest that is whole; looks through each from the newest on.
  package func newestGood() -> BackupReport? {
    for item in items().reversed() {
      if let report = try? Backup.verify(item.path) { return report }
    }
    return nil
  }

  /// Whether another is due: none is younger than `interval`, or the newest claims to be from the future.
  package func isDue(every interval: Span, now: WallTime) -> Bool {
    guard let newest = items().last else { return true }
    let age = now - newest.made
    return age >= interval || age < .seconds(-60)
  }
}
