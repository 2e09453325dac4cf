// Requests to the supervisor's Unix socket and to the outside, on the event loop. Must never block, follow a redirect,
// or hold more of an answer than its caller allows.

internal import CCurl
internal import Glibc
package import NovaLinux
package import NovaModel

/// A request to be made.
package struct HTTPOrder: Sendable {
  /// As sent, such as `POST`.
  package var method = "GET"
  /// The whole address; over a Unix socket the host is only a name.
  package var url: String
  /// The Unix socket to connect to; nil is TCP.
  package var unixSocket: String?
  /// Lines such as `Accept: text/plain`.
  package var headers: [String] = []
  /// Nil sends none.
  package var body: [UInt8]?
  /// Nil: as long as it takes, for streams.
  package var timeout: Span? = .seconds(30)
  /// `user:password` for basic authentication.
  package var credentials: String?
  /// A file of certificates to trust instead of the system's.
  package var trust: String?
  /// Bytes that are read at once; nil: 16 KiB. Each call under way keeps so much memory.
  package var block: Int?
  /// Bytes of an answer that are kept; more and it is cut off.
  package var limit = 64 << 20
  /// A mail instead of a request: `url` is then smtp:// or smtps://, `body` the whole message.
  package var mail: Envelope?

  /// Who sends and gets a mail.
  package struct Envelope: Sendable {
    package var from: String
    package var to: [String]
    /// STARTTLS is demanded where the address says smtp://.
    package var demandTLS: Bool
    /// Puts an envelope together.
    package init(from: String, to: [String], demandTLS: Bool) {
      self.from = from
      self.to = to
      self.demandTLS = demandTLS
    }
  }

  /// Asks for an address.
  package init(url: String) { self.url = url }
}

/// What came of a request.
package enum HTTPOutcome: Sendable {
  /// Status, headers in order with lower-case names, body. The body is empty when its bytes were streamed.
  case answered(status: Int, headers: [(name: String, value: String)], body: [UInt8])
  /// Nothing usable came, in libcurl's words; `sent` says whether the other side may have acted on it.
  case failed(String)
}

/// Makes requests. Belongs to the loop's thread.
@safe package final class HTTPClient {
  private let transfers: TransferLoop

  /// Makes one.
  package init(loop: EventLoop) throws(SystemError) {
    transfers = try TransferLoop(loop: loop) { end in
      guard let object = unsafe end.object else { return }
      unsafe Unmanaged<HTTPCall>.fromOpaque(object).takeUnretainedValue()
        .ended(code: end.code, status: end.status)
    }
  }

  /// Begins a request; the call ends it early when it is cancelled. `completion` is called once, never before this
  /// returns, unless it is cancelled.
  package func start(
    _ order: HTTPOrder, completion: @escaping (HTTPOutcome) -> Void
  ) -> HTTPCall? {
    let call = HTTPCall(order, transfers, completion)
    return call.begin() ? call : nil
  }
}

/// One request under way; it lives until it is over, whoever holds it.
@safe package final class HTTPCall {
  /// Called when the headers are there; answers whether the body is to come by `onBytes`.
  package var onHead: ((Int, [(name: String, value: String)]) -> Bool)?
  /// A piece of a streamed body; false ends the transfer.
  package var onBytes: (([UInt8]) -> Bool)?

  private let order: HTTPOrder
  private weak var transfers: TransferLoop?
  private var completion: ((HTTPOutcome) -> Void)?
  private var easy: UnsafeMutableRawPointer?
  private let callbacks: UnsafeMutablePointer<nova_curl_object>
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var mailList: UnsafeMutablePointer<curl_slist>?
  private var status = 0
  private var headers: [(name: String, value: String)] = []
  private var body: [UInt8] = []
  private var streaming = false
  private var isHeld = false
  /// Once it has failed: the other side may have acted on it. False: it was never reached.
  package private(set) var mayHaveActed = true
  private var mailed = 0

  init(
    _ order: HTTPOrder, _ transfers: TransferLoop, _ completion: @escaping (HTTPOutcome) -> Void
  ) {
    self.order = order
    self.transfers = transfers
    self.completion = completion
    unsafe callbacks = .allocate(capacity: 1)
    unsafe callbacks.initialize(to: nova_curl_object())
  }

  func begin() -> Bool {
    guard let transfers else { return false }
    let object = unsafe Unmanaged.passRetained(self).toOpaque()
    var filled = unsafe nova_curl_order()
    unsafe filled.object = object
    unsafe headerList = list(order.headers)
    unsafe mailList = list(order.mail?.to ?? [])
    unsafe filled.headers = headerList
    unsafe filled.mail_to = mailList
    unsafe filled.block = order.block ?? 0
    unsafe filled.timeout_milliseconds = order.timeout.map { max(1, $0.wholeMilliseconds) } ?? 0
    // SAFETY: every callback gets the object that is retained here and released in `release`.
    unsafe filled.head = { object, bytes, count in
      guard let object = unsafe object else { return 0 }
      let line = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
      return unsafe Unmanaged<HTTPCall>.fromOpaque(object).takeUnretainedValue().head(line) ? 1 : 0
    }
    unsafe filled.data = { object, bytes, count in
      guard let object = unsafe object else { return 0 }
      let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
      return unsafe Unmanaged<HTTPCall>.fromOpaque(object).takeUnretainedValue().data(piece)
    }
    unsafe filled.mail = { object, room, count in
      guard let object = unsafe object else { return 0 }
      let space = unsafe UnsafeMutableRawBufferPointer(start: room, count: count)
      return unsafe Unmanaged<HTTPCall>.fromOpaque(object).takeUnretainedValue().fill(space)
    }
    unsafe easy = text(order.url) { url in
      unsafe text(order.method) { method in
        unsafe text(order.unixSocket) { socket in
          unsafe text(order.credentials) { credentials in
            unsafe text(order.trust) { trust in
              unsafe text(order.mail?.from) { from in
                unsafe filled.url = url
                unsafe filled.method = method
                unsafe filled.unix_socket = socket
                unsafe filled.credentials = credentials
                unsafe filled.trust = trust
                unsafe filled.mail_from = from
                guard let body = order.body, order.mail == nil else {
                  return unsafe nova_curl_make(&filled, callbacks)
                }
                // An empty body is a body: a pointer to nothing would be none.
                return unsafe (body + [0]).withUnsafeBufferPointer { bytes in
                  unsafe filled.body = bytes.baseAddress
                  unsafe filled.body_count = body.count
                  return unsafe nova_curl_make(&filled, callbacks)
                }
              }
            }
          }
        }
      }
    }
    guard let easy = unsafe easy else {
      unsafe Unmanaged<HTTPCall>.fromOpaque(object).release()
      return false
    }
    if order.mail?.demandTLS == true { unsafe nova_curl_demand_tls(easy) }
    // Whoever is told of a piece of one transfer may begin another: that is done when libcurl has returned.
    let isLater = transfers.isActing
    var isBegun = true
    transfers.whenFree { [self] in
      guard let easy = unsafe self.easy, unsafe nova_curl_add(transfers.multi, easy) == 0 else {
        return
      }
      isBegun = false
      if isLater { ended(code: Int32(CURLE_OUT_OF_MEMORY.rawValue), status: 0) } else { release() }
    }
    return isBegun
  }

  /// Holds back what comes from now on, so that the sender feels it; `goOn` ends that.
  package func hold() { isHeld = true }

  /// Lets come what was held back.
  package func goOn() {
    guard isHeld, let transfers else { return }
    isHeld = false
    transfers.whenFree { [self] in
      guard !isHeld, let easy = unsafe self.easy else { return }
      // It may call back at once: whoever it tells of a piece is then inside of libcurl.
      transfers.inside { unsafe nova_curl_go_on(easy) }
    }
  }

  /// Ends it without an outcome; harmless when it is over.
  package func cancel() {
    completion = nil
    onHead = nil
    onBytes = nil
    release()
  }

  private func release() {
    guard let easy = unsafe self.easy else { return }
    unsafe self.easy = nil
    let object = unsafe Unmanaged.passUnretained(self)
    // SAFETY: a multi handle that is gone has let go of its transfers.
    guard let transfers else {
      unsafe nova_curl_easy_end(easy)
      return unsafe object.release()
    }
    // Cancelled by one of libcurl's callbacks, its own or another's: dropped when that has returned.
    transfers.whenFree { [multi = unsafe transfers.multi] in
      unsafe nova_curl_drop(multi, easy)
      unsafe object.release()
    }
  }

  func ended(code: Int32, status last: Int32) {
    let completion = self.completion
    self.completion = nil
    onHead = nil
    onBytes = nil
    let outcome: HTTPOutcome
    if code == Int32(CURLE_OK.rawValue) {
      outcome = .answered(status: status == 0 ? Int(last) : status, headers: headers, body: body)
    } else if order.mail != nil, last >= 400 {
      // To libcurl a mail server's refusal is an error like any other; its number says whether it is for good.
      outcome = .answered(status: Int(last), headers: [], body: [])
    } else {
      mayHaveActed = !HTTPCall.unreached.contains(code)
      let words = unsafe nova_curl_reason(code).map { unsafe String(cString: $0).lowercased() }
      outcome = .failed(words ?? "error \(code)")
    }
    release()
    completion?(outcome)
  }

  /// No connection came about: no name, no address, no handshake.
  private static let unreached: Set<Int32> = Set(
    [
      CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
      CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION,
    ].map { Int32($0.rawValue) })

  private func head(_ line: UnsafeRawBufferPointer) -> Bool {
    let text = unsafe String(decoding: line, as: UTF8.self)
    if text.hasPrefix("HTTP/") {
      // The last answer counts: 100 Continue, and redirects that are not followed, come before it.
      let words = text.split(separator: " ")
      status = words.count > 1 ? Int(words[1].prefix(3)) ?? 0 : 0
      headers = []
    } else if let colon = text.firstIndex(of: ":") {
      let value = text[text.index(after: colon)...]
      guard headers.count < 100 else { return true }
      headers.append(
        (name: text[..<colon].lowercased(), value: HTTPCall.trimmed(value)))
    } else if status >= 200, order.mail == nil {
      // The empty line: a stream begins now, though its first byte may be an hour away.
      streaming = onHead?(status, headers) ?? false
    }
    return true
  }

  private static func trimmed(_ text: Substring) -> String {
    let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
    var rest = text.drop(while: blank)
    while let last = rest.last, blank(last) { rest.removeLast() }
    return String(rest)
  }

  /// 0 ends the transfer, 1 goes on, 2 holds the piece back.
  private func data(_ piece: UnsafeRawBufferPointer) -> Int32 {
    if isHeld { return 2 }
    if streaming { return onBytes?(unsafe Array(piece)) ?? false ? 1 : 0 }
    guard body.count + piece.count <= order.limit else { return 0 }
    unsafe body.append(contentsOf: piece)
    return 1
  }

  private func fill(_ room: UnsafeMutableRawBufferPointer) -> Int {
    let message = order.body ?? []
    let count = min(room.count, message.count - mailed)
    unsafe message.withUnsafeBytes { bytes in
      unsafe room.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[mailed..<mailed + count]))
    }
    mailed += count
    return count
  }

  private func list(_ lines: [String]) -> UnsafeMutablePointer<curl_slist>? {
    var list: UnsafeMutablePointer<curl_slist>?
    for line in lines { unsafe list = nova_curl_list_add(list, line) }
    return unsafe list
  }

  private func text<Result>(
    _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
  ) -> Result {
    guard let text else { return body(nil) }
    return unsafe text.withCString { unsafe body($0) }
  }

  deinit {
    unsafe nova_curl_list_end(headerList)
    unsafe nova_curl_list_end(mailList)
    unsafe callbacks.deinitialize(count: 1)
    unsafe callbacks.deallocate()
  }
}
