// One request and its answer. The handler may answer at once, later, or piece by piece; it is never waited for.
// Must never be used from another thread, and never wait for the socket: its connection sends when there is room.

internal import CMicroHTTPD

/// One request on its way to one answer. Every call after the end is harmless.
package final class Exchange {
  /// What was asked.
  package let request: HTTPRequest
  /// Called once if the exchange ends without its whole answer sent: the client went away, was too slow, or the
  /// server closed. Not called after a complete answer.
  package var onClose: (() -> Void)?

  /// What is to be sent.
  enum Answer {
    case none
    case whole(status: Int, contentType: String, body: [UInt8], headers: [(String, String)])
    case stream(status: Int, contentType: String, headers: [(String, String)])
  }

  /// Called each time a stream that `room` had become less than half of has half of it again; the sender need not ask.
  package var onRoom: (() -> Void)?

  private(set) var answer = Answer.none
  private weak var connection: Connection?
  private var waiting: [UInt8] = []
  private var taken = 0
  /// What of the stream's first piece is still to be sent.
  private var beginning = 0
  private var ended = false
  private var broken = false
  private var isOver = false

  init(request: HTTPRequest, connection: Connection) {
    self.request = request
    self.connection = connection
  }

  /// Whether the client can still be answered.
  package var isOpen: Bool { !isOver && !broken }

  /// Whether a stream was begun.
  package var isStreaming: Bool {
    if case .stream = answer { true } else { false }
  }

  /// Cuts the client off: an answer that cannot be finished must not look finished.
  package func abandon() { breakOff() }

  /// Sends the whole answer. Only the first answer counts. A HEAD request gets the headers alone.
  package func respond(
    _ status: Int, contentType: String = "application/json", body: [UInt8] = [],
    headers: [(String, String)] = []
  ) {
    guard case .none = answer, isOpen else { return }
    answer = .whole(status: status, contentType: contentType, body: body, headers: headers)
    connection?.resume()
  }

  /// Begins an answer of unknown length; `send` and `end` follow.
  package func stream(
    _ status: Int = 200, contentType: String, headers: [(String, String)] = []
  ) {
    guard case .none = answer, isOpen else { return }
    answer = .stream(status: status, contentType: contentType, headers: headers)
    connection?.resume()
  }

  /// Queues a piece of a stream; false when nobody will read it. A client that leaves more than
  /// `HTTPLimits.streamBuffer` unread is cut off. `first`: what a stream begins with may be longer; the limit is then for
  /// what comes after it.
  @discardableResult
  package func send(_ bytes: [UInt8], first: Bool = false) -> Bool {
    guard case .stream = answer, isOpen, !ended, let connection else { return false }
    if bytes.isEmpty || taken == waiting.count && connection.sendChunk(bytes) { return true }
    if first, taken == waiting.count { beginning = bytes.count }
    guard
      waiting.count - taken + bytes.count <= connection.limits.streamBuffer + beginning
    else {
      breakOff()
      return false
    }
    if taken == waiting.count {
      // Nothing waits: what is told to two hundred at once is one piece of memory.
      waiting = bytes
      taken = 0
    } else {
      if taken > 0, taken >= waiting.count / 2 {
        waiting.removeFirst(taken)
        taken = 0
      }
      waiting += bytes
    }
    connection.resume()
    return true
  }

  /// How many bytes `send` takes now without cutting the client off.
  package var room: Int {
    guard case .stream = answer, isOpen, !ended, let connection else { return 0 }
    return connection.limits.streamBuffer + beginning - (waiting.count - taken)
  }

  /// More waits than half of what may: whoever can wait with more should.
  package var isShort: Bool {
    guard let connection else { return false }
    return waiting.count - taken > beginning + connection.limits.streamBuffer / 2
  }

  /// Ends a stream after what was queued.
  package func end() {
    guard case .stream = answer, isOpen, !ended else { return }
    ended = true
    connection?.resume()
  }

  /// No more bytes will reach the client; the library is made to notice.
  func breakOff() {
    guard isOpen else { return }
    broken = true
    waiting = []
    taken = 0
    connection?.abandon()
  }

  /// The server closes: a pending exchange is told so, a stream ends.
  func conclude() {
    if case .none = answer {
      answer = .whole(
        status: 503, contentType: "application/json",
        body: Exchange.failure("unavailable", "the supervisor is going away; try again"),
        headers: [("Connection", "close")])
    }
    ended = true
    connection?.resume()
  }

  /// What the library asks for when the socket has room.
  enum Piece {
    case bytes(Int)
    case nothingYet
    case end
    case broken
  }

  /// Moves waiting bytes of a stream to `room`.
  func fill(_ room: UnsafeMutableRawBufferPointer) -> Piece {
    if broken { return .broken }
    let count = min(room.count, waiting.count - taken)
    if count == 0 { return ended ? .end : .nothingYet }
    unsafe waiting.withUnsafeBytes { bytes in
      unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[taken..<taken + count]))
    }
    let wasShort = isShort
    taken += count
    beginning = max(0, beginning - count)
    if taken == waiting.count {
      // Kept room would be a copy where the bytes are shared, and idle memory where they are many.
      waiting = []
      taken = 0
    }
    if wasShort, !isShort, let onRoom { connection?.later(onRoom) }
    return .bytes(count)
  }

  /// A stream has nothing to send.
  func wait() { connection?.suspend(betweenChunks: true) }

  /// The exchange is over; answers what is to be called once the library has returned.
  func finish(complete: Bool) -> (() -> Void)? {
    guard !isOver else { return nil }
    isOver = true
    waiting = []
    let call = complete ? nil : onClose
    onClose = nil
    onRoom = nil
    return call
  }

  /// The error body of the API, for what is refused before a route sees it. `text` holds nothing to escape.
  static func failure(_ code: String, _ text: String) -> [UInt8] {
    Array(#"{"error":{"code":"\#(code)","message":"\#(text)","field":null}}"#.utf8)
  }
}
