// Reads what workers wrote into the journal, for `novasup logs`. Used off the loop: libsystemd maps and searches files.
// Must never be shared by two threads: an sd_journal belongs to the one that opened it.

import CSystemd
import Glibc
package import NovaModel

/// One line from the journal.
package struct JournalLine: Sendable, Hashable {
  /// When journald received it.
  package var at: WallTime
  /// SYSLOG_IDENTIFIER, such as `nova/outreach@1`.
  package var identifier: String
  /// As in syslog(3); nil when it has none.
  package var priority: Int?
  /// The bytes the worker wrote, without the newline.
  package var message: [UInt8]
  /// The place to go on from: see `seek(after:)`.
  package var cursor: String
}

/// A view of the journal's entries of some identifiers, with a place in it.
@safe package struct JournalReader: ~Copyable {
  private let journal: OpaquePointer

  /// Opens the local journal for entries of any of these identifiers; of all, when there are none.
  ///
  /// Calls `sd_journal_open(3)`, `sd_journal_add_match(3)`.
  package init(identifiers: [String]) throws(SystemError) {
    unsafe journal = try Self.open(identifiers)
  }

  private static func open(_ identifiers: [String]) throws(SystemError) -> OpaquePointer {
    var opened: OpaquePointer?
    // SAFETY: libsystemd fills `opened` when it answers 0 or more; `deinit` closes it.
    let answer = unsafe sd_journal_open(&opened, CInt(SD_JOURNAL_LOCAL_ONLY))
    guard answer >= 0, let opened = unsafe opened else {
      throw SystemError(call: "open", number: -answer, subject: "the journal")
    }
    // Matches of one field are alternatives.
    for identifier in identifiers {
      let match = Array("SYSLOG_IDENTIFIER=\(identifier)".utf8)
      let added = unsafe match.withUnsafeBytes {
        unsafe sd_journal_add_match(opened, $0.baseAddress, $0.count)
      }
      if added < 0 {
        unsafe sd_journal_close(opened)
        throw failed("match \(identifier) in", added)
      }
    }
    return unsafe opened
  }

  deinit { unsafe sd_journal_close(journal) }

  /// Goes to the first entry at or after a time.
  package mutating func seek(since: WallTime) throws(SystemError) {
    let usec = UInt64(max(0, since.microseconds))
    let answer = unsafe sd_journal_seek_realtime_usec(journal, usec)
    if answer < 0 { throw Self.failed("seek in", answer) }
  }

  /// Goes before the last `count` entries.
  package mutating func seekTail(count: Int) throws(SystemError) {
    var answer = unsafe sd_journal_seek_tail(journal)
    // One more, for the next step forward must give the first of them.
    if answer >= 0 { answer = unsafe sd_journal_previous_skip(journal, UInt64(max(0, count)) + 1) }
    if answer < 0 { throw Self.failed("seek in", answer) }
    // Fewer than that: it stands on the first one and a step forward would pass it.
    if answer <= count, count > 0 { _ = unsafe sd_journal_seek_head(journal) }
  }

  /// Goes behind the entry of that cursor; the nearest one, when it is gone.
  package mutating func seek(after cursor: String) throws(SystemError) {
    var answer = unsafe sd_journal_seek_cursor(journal, cursor)
    if answer >= 0 { answer = unsafe sd_journal_next(journal) }
    if answer < 0 { throw Self.failed("seek in", answer) }
    if answer > 0, unsafe sd_journal_test_cursor(journal, cursor) == 0 {
      _ = unsafe sd_journal_previous(journal)
    }
  }

  /// The next entry, nil at the end (for now). An entry that rotation removed meanwhile is passed over.
  package mutating func next() throws(SystemError) -> JournalLine? {
    while true {
      let answer = unsafe sd_journal_next(journal)
      if answer < 0 { throw Self.failed("read", answer) }
      if answer == 0 { return nil }
      if let line = current() { return line }
    }
  }

  /// Becomes readable when entries may have come; then call `changed()` and `next()`. Calls `sd_journal_get_fd(3)`.
  package mutating func descriptor() throws(SystemError) -> CInt {
    let fd = unsafe sd_journal_get_fd(journal)
    if fd < 0 { throw Self.failed("watch", fd) }
    return fd
  }

  /// Takes note of a change, after the descriptor became readable; whether entries may have come.
  package mutating func changed() -> Bool {
    unsafe sd_journal_process(journal) != CInt(SD_JOURNAL_NOP)
  }

  private func current() -> JournalLine? {
    var usec: UInt64 = 0
    guard unsafe sd_journal_get_realtime_usec(journal, &usec) >= 0 else { return nil }
    var text: UnsafeMutablePointer<CChar>?
    guard unsafe sd_journal_get_cursor(journal, &text) >= 0, let text = unsafe text else {
      return nil
    }
    defer { unsafe free(text) }
    let cursor = unsafe String(cString: text)
    return JournalLine(
      at: WallTime(microseconds: Int64(clamping: usec)),
      identifier: String(decoding: field("SYSLOG_IDENTIFIER") ?? [], as: UTF8.self),
      priority: field("PRIORITY").flatMap { Int(String(decoding: $0, as: UTF8.self)) },
      message: field("MESSAGE") ?? [], cursor: cursor)
  }

  private func field(_ name: String) -> [UInt8]? {
    var data: UnsafeRawPointer?
    var length = 0
    guard unsafe sd_journal_get_data(journal, name, &data, &length) >= 0 else { return nil }
    // SAFETY: libsystemd owns `data` until the next call on this journal; it is copied here.
    let bytes = unsafe Array(UnsafeRawBufferPointer(start: data, count: length))
    return Array(bytes.dropFirst(name.utf8.count + 1))
  }

  private static func failed(_ what: String, _ answer: CInt) -> SystemError {
    SystemError(call: what, number: -answer, subject: "the journal")
  }
}
