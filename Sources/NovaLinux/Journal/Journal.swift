// The supervisor's own log: entries to journald, or lines on standard error where there is none.
// Must never wait: sd_journal_send(3) blocks after some 500 entries when journald is stopped, so the datagram is sent
// here, with MSG_DONTWAIT, and what does not go is counted and dropped.

import CNovaSys
import Glibc
import Synchronization

/// A sender of journal entries; one for the process, usable from any thread.
package final class Journal: Sendable {
  private let socket: Descriptor?
  private let path: String
  private let fallback: CInt
  private let dropped = Atomic<Int>(0)

  /// Where journald listens for native entries.
  package static let socketPath = "/run/systemd/journal/socket"
  /// An entry is cut to this many bytes; journald itself refuses above 768 MiB.
  package static let entryLimit = 1 << 20

  /// A sender to the socket at `path`; lines go to `fallback` where nothing listens there.
  package init(path: String = Journal.socketPath, fallback: CInt = 2) {
    self.path = path
    self.fallback = fallback
    let fd = nova_host_unix_socket(1, 1)
    socket = fd >= 0 ? Descriptor(fd) : nil
  }

  /// Whether journald listens.
  package static func isPresent(path: String = Journal.socketPath) -> Bool {
    unsafe access(path, W_OK) == 0
  }

  /// How many entries were dropped because their receiver did not keep up.
  package var droppedCount: Int { dropped.load(ordering: .relaxed) }

  /// Sends one entry; false when it was dropped. `priority` as in syslog(3): 2 critical … 6 info.
  @discardableResult
  package func send(
    priority: Int, _ message: String, fields: [(name: String, value: String)] = []
  ) -> Bool {
    var entry = JournalEntry()
    entry.add("PRIORITY", String(max(0, min(7, priority))))
    entry.add("SYSLOG_IDENTIFIER", "nova-supervisor")
    entry.add("MESSAGE", Array(message.utf8.prefix(Self.entryLimit)))
    for field in fields where entry.bytes.count < Self.entryLimit {
      entry.add(field.name, Array(field.value.utf8.prefix(Self.entryLimit)))
    }
    return send(entry, priority: priority, message: message)
  }

  /// Sends an entry built elsewhere; `message` is what standard error gets where there is no journald.
  @discardableResult
  package func send(_ entry: JournalEntry, priority: Int, message: String) -> Bool {
    guard let socket = socket?.raw() else { return line(priority, message) }
    var answer = unsafe entry.bytes.withUnsafeBytes {
      unsafe nova_host_unix_send(socket, path, $0.baseAddress, UInt64($0.count))
    }
    // Larger than a datagram may be: journald takes it as a sealed memory file instead.
    if answer == -EMSGSIZE || answer == -ENOBUFS {
      answer = unsafe entry.bytes.withUnsafeBytes {
        unsafe nova_host_unix_send_memfd(socket, path, $0.baseAddress, UInt64($0.count))
      }
    }
    switch answer {
    case 0: return true
    case -ENOENT, -ECONNREFUSED, -ENOTSOCK, -EACCES, -ENAMETOOLONG: return line(priority, message)
    default:
      dropped.add(1, ordering: .relaxed)
      return false
    }
  }

  /// A line `<priority>message`, as sd-daemon(3) describes, if there is room for it now.
  private func line(_ priority: Int, _ message: String) -> Bool {
    // PIPE_BUF, 4,096: poll(2) promises that so much can be written without waiting.
    var bytes = Array("<\(priority)>".utf8)
    bytes += message.utf8.prefix(4000).map { $0 == 10 ? UInt8(ascii: " ") : $0 }
    bytes.append(UInt8(ascii: "\n"))
    var wait = pollfd(fd: fallback, events: Int16(POLLOUT), revents: 0)
    guard unsafe poll(&wait, 1, 0) == 1, wait.revents & Int16(POLLOUT) != 0,
      unsafe write(fallback, &bytes, bytes.count) == bytes.count
    else {
      dropped.add(1, ordering: .relaxed)
      return false
    }
    return true
  }
}
