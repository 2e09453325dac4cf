// The brain's end of the shim's socket: orders out, reports in, both buffered, nothing blocks.
// Must never treat a closed connection as dead workers: connect again first; only a new shim has lost them.

internal import Glibc

/// A connection to the shim. Not Sendable: it belongs to the loop's thread.
package final class ShimClient {
  private let stream: FrameStream

  private init(_ stream: FrameStream) { self.stream = stream }

  /// Connects to RUNTIME/shim.sock. ENOENT or ECONNREFUSED: no shim listens there (yet).
  package static func connect(to path: String) throws(SystemError) -> ShimClient {
    // 64 MiB: some thousand orders with large environments while the shim is being scheduled.
    ShimClient(FrameStream(try UnixSocket.connect(to: path), maxQueuedBytes: 64 << 20))
  }

  /// To be watched: readable always, writable while `wantsWrite`.
  package var descriptor: CInt { stream.descriptor }

  /// The shim closed the connection, or it broke: connect again.
  package var isClosed: Bool { stream.isClosed }

  /// Bytes wait for the socket to take them.
  package var wantsWrite: Bool { stream.wantsWrite }

  /// Queues an order and writes what the socket takes at once. Descriptors are duplicated: the caller keeps its own.
  /// ENOTCONN once closed, EMSGSIZE for an order above 1 MiB, ENOBUFS when 64 MiB wait.
  package func send(_ order: ShimOrder, descriptors: [CInt] = []) throws(SystemError) {
    var boxes: [DescriptorBox] = []
    for number in descriptors { boxes.append(DescriptorBox(try Descriptor.duplicating(number))) }
    try stream.send(order.frame, descriptors: boxes)
  }

  /// Writes more of what is queued.
  package func flush() { stream.flush() }

  /// Takes what waits, some 512 reports at a time; the rest keeps the descriptor readable. Unknown ones are skipped; a malformed one closes the connection with EPROTO.
  package func receive() throws(SystemError) -> [ShimReport] {
    var reports: [ShimReport] = []
    for message in try stream.receive(limit: 512) {
      // A socket we have no number for is asked for again at the worker's next start.
      if message.lostDescriptors { continue }
      switch ShimReport.decode(message) {
      case .value(let report): reports.append(report)
      case .unknown: continue
      case .malformed:
        stream.close()
        throw SystemError(call: "read", number: EPROTO, subject: "the shim's report")
      }
    }
    return reports
  }
}
