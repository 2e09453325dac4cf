// One HTTP call to the supervisor over its Unix socket, by a socket and a parser of our own: libcurl and the thirty
// libraries that come with it took 8 of the 10 ms that a short command lasted. Must never speak to anything but that
// socket, or hold more than the limit of an answer.

import Glibc
import NovaLinux
import NovaModel
package import NovaWire

/// How to reach the supervisor.
package struct Connection: Sendable {
  /// The Unix socket.
  package let socket: String
  /// Ctrl-C ends a call.
  package let interrupts: Interrupts

  /// Names a supervisor.
  package init(socket: String, interrupts: Interrupts) {
    self.socket = socket
    self.interrupts = interrupts
  }

  /// A request.
  struct Call {
    var method = "GET"
    var path: String
    var query = QueryParameters()
    var body: [UInt8]?
    var headers: [String] = []
    /// Nil: as long as it takes.
    var timeoutSeconds: Double? = 30
    /// A stream without an end of its own: one that breaks off is over, not failed.
    var isEndless = false
  }

  /// An answer.
  struct Answer {
    var status: Int32
    var body: [UInt8]
  }

  /// Why there is no answer.
  enum Failure: Error {
    case unreachable(String)
    case timedOut
    case stopped(ClientError)
  }

  /// Performs a call. With `onBytes` a good answer goes there as it comes and `body` stays empty.
  func perform(
    _ call: Call, onBytes: (([UInt8]) throws(ClientError) -> Void)? = nil
  ) throws(Failure) -> Answer {
    let deadline = call.timeoutSeconds.map {
      Clock.now().instant + .milliseconds(Int64(max(1, min($0, 864_000) * 1000)))
    }
    let socket = try connect(until: deadline)
    var request = Self.head(of: call)[...]
    var parser = AnswerParser(maximum: APICoding.maximumResponseBytes)
    var room = [UInt8](repeating: 0, count: 65_536)
    while !parser.isComplete {
      try wait(
        for: socket.raw(), toWrite: !request.isEmpty, until: deadline,
        atMost: onBytes == nil ? .max : 1000)
      // A quiet stream writes nothing that would fail: `logs -f quiet | head -1` ends all the same.
      if onBytes != nil, interrupts.readerIsGone { throw .stopped(.closedPipe) }
      // A server that has refused already reads no more: its answer is there all the same.
      if !request.isEmpty { request = UnixSocket.send(request, to: socket.raw()) ?? [] }
      let count = unsafe recv(socket.raw(), &room, room.count, 0)
      if count < 0, errno == EAGAIN || errno == EINTR { continue }
      guard count > 0 else {
        if parser.end() { break }
        if call.isEndless, parser.status == 200 { break }
        throw .unreachable(
          parser.status == nil ? "it closed the connection" : "the answer broke off")
      }
      do throws(AnswerParser.Malformed) {
        try parser.take(room[..<count])
      } catch {
        throw .stopped(.cannot("read the answer", error.what))
      }
      if let onBytes, parser.status == 200, !parser.body.isEmpty {
        do throws(ClientError) { try onBytes(parser.takeBody()) } catch { throw .stopped(error) }
      }
    }
    return Answer(status: parser.status ?? 0, body: parser.takeBody())
  }

  /// Connects; where a supervisor has more callers than it can take at once this one waits its turn for 10 s. In between
  /// it looks for Ctrl-C.
  private func connect(until deadline: Instant?) throws(Failure) -> Descriptor {
    let patience = Clock.now().instant + .seconds(10)
    while true {
      do throws(SystemError) {
        return try UnixSocket.connect(to: socket, withinMilliseconds: 250)
      } catch {
        guard error.number == EAGAIN || error.number == EINTR, Clock.now().instant < patience else {
          throw .unreachable(SystemError.text(of: error.number))
        }
      }
      try wait(for: -1, toWrite: false, until: deadline, atMost: 0)
    }
  }

  /// Waits for the socket, or for Ctrl-C, or for the end of the time. Calls `poll(2)`.
  private func wait(
    for socket: Int32, toWrite: Bool, until deadline: Instant?, atMost milliseconds: Int64 = .max
  ) throws(Failure) {
    var set = [
      pollfd(fd: socket, events: Int16(toWrite ? POLLIN | POLLOUT : POLLIN), revents: 0),
      pollfd(fd: interrupts.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    var left = milliseconds == .max ? nil : milliseconds
    if let deadline {
      let rest = deadline - Clock.now().instant
      guard rest > .zero else { throw .timedOut }
      left = min(left ?? .max, rest.wholeMilliseconds + 1)
    }
    _ = unsafe poll(&set, 2, left.map { Int32(clamping: $0) } ?? -1)
    if set[1].revents != 0, case .stop = interrupts.pending() { throw .stopped(.interrupted) }
  }

  /// The request as it is sent; one a connection.
  static func head(of call: Call) -> [UInt8] {
    var lines = ["\(call.method) \(call.path)\(queryText(call.query)) HTTP/1.1", "Host: nova"]
    lines += ["Accept: application/json", "Content-Type: application/json", "Connection: close"]
    lines += call.headers
    if let body = call.body { lines.append("Content-Length: \(body.count)") }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (call.body ?? [])
  }

  /// `?a=b&c=d`, percent-encoded (RFC 3986), or nothing.
  package static func queryText(_ query: QueryParameters) -> String {
    query.items.enumerated().map { index, item in
      (index == 0 ? "?" : "&") + percentEncoded(item.name) + "=" + percentEncoded(item.value)
    }.joined()
  }

  /// Everything but RFC 3986's unreserved characters as `%XX`.
  static func percentEncoded(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var out: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        out.append(byte)
      default: out += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
