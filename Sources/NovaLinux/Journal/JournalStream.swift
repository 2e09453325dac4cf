// A worker's standard output as a stream into journald: what it writes becomes entries under its own identifier.
// Must never wait for journald: a stopped one would hold up every start.
//
// The protocol of /run/systemd/journal/stdout, as sd_journal_stream_fd(3) speaks it: seven lines, then the output.
//   identifier, unit, priority, level prefix (0/1), to syslog, to kmsg, to console

import CNovaSys
import Glibc

/// Opens streams into journald.
package enum JournalStream {
  /// Where journald listens for streams.
  package static let socketPath = "/run/systemd/journal/stdout"

  /// A descriptor to give a worker as stdout or stderr. `priority` as in syslog(3); lines that begin with `<N>` have
  /// their own. Throws ENOENT or ECONNREFUSED where there is no journald, EAGAIN where it does not answer.
  package static func open(
    identifier: String, priority: Int = 6, path: String = socketPath
  ) throws(SystemError) -> Descriptor {
    func fail(_ answer: Int32) -> SystemError {
      SystemError(call: "open journal stream", number: -answer, subject: identifier)
    }
    guard !identifier.utf8.contains(UInt8(ascii: "\n")) else { throw fail(-EINVAL) }
    let number = nova_host_unix_socket(0, 1)
    if number < 0 { throw fail(number) }
    let socket = Descriptor(number)
    let answer = unsafe nova_host_unix_connect(socket.raw(), path)
    if answer != 0 { throw fail(answer) }
    // journald never writes to it. 8 MiB, as libsystemd asks for: bursts do not make the worker wait.
    nova_host_write_only(socket.raw())
    let header = Array("\(identifier)\n\n\(max(0, min(7, priority)))\n1\n0\n0\n0\n".utf8)
    let n = unsafe header.withUnsafeBytes {
      unsafe nova_host_send(socket.raw(), $0.baseAddress, UInt64($0.count))
    }
    if n != header.count { throw fail(n < 0 ? Int32(truncatingIfNeeded: n) : -EAGAIN) }
    // The worker expects a standard output that waits.
    let flags = fcntl(socket.raw(), F_GETFL)
    if flags < 0 || fcntl(socket.raw(), F_SETFL, flags & ~O_NONBLOCK) < 0 { throw fail(-errno) }
    return socket
  }
}
