// One HTTP call to the supervisor over its Unix socket, with libcurl. Must never use a proxy, follow a
// redirect or hold more than the limit of an answer.

import CCurl
import Glibc
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
    guard socket.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else {
      throw .unreachable("the socket path is longer than 107 bytes")
    }
    guard let easy = unsafe curl_easy_init(), let multi = unsafe curl_multi_init() else {
      throw .unreachable("libcurl: no memory")
    }
    let transfer = Transfer(streaming: onBytes != nil)
    let headers = unsafe configure(easy, call, transfer)
    defer {
      // SAFETY: the order curl_multi_remove_handle(3) demands; each is freed once and not used after.
      unsafe curl_multi_remove_handle(multi, easy)
      unsafe curl_multi_cleanup(multi)
      unsafe curl_slist_free_all(headers)
      unsafe curl_easy_cleanup(easy)
    }
    unsafe curl_multi_add_handle(multi, easy)
    let result = try unsafe loop(easy, multi, transfer, onBytes)
    switch result {
    case Int32(CURLE_OK.rawValue): break
    case Int32(CURLE_OPERATION_TIMEDOUT.rawValue): throw .timedOut
    case Int32(CURLE_WRITE_ERROR.rawValue) where transfer.overflowed:
      throw .stopped(
        .cannot("read the answer", "it is longer than \(APICoding.maximumResponseBytes) bytes"))
    default:
      if call.isEndless, unsafe nova_curl_status(easy) == 200 { break }
      throw .unreachable(unsafe String(cString: nova_curl_text(result)))
    }
    let status = unsafe nova_curl_status(easy)
    let body = transfer.take()
    if let onBytes, status == 200 {
      do throws(ClientError) { try onBytes(body) } catch { throw .stopped(error) }
      return Answer(status: status, body: [])
    }
    return Answer(status: status, body: body)
  }

  /// Runs the transfer; the code it ended with.
  private func loop(
    _ easy: UnsafeMutableRawPointer, _ multi: UnsafeMutableRawPointer, _ transfer: Transfer,
    _ onBytes: (([UInt8]) throws(ClientError) -> Void)?
  ) throws(Failure) -> Int32 {
    while true {
      var running: Int32 = 0
      unsafe curl_multi_perform(multi, &running)
      if let onBytes, unsafe nova_curl_status(easy) == 200, transfer.hasBytes {
        do throws(ClientError) { try onBytes(transfer.take()) } catch { throw .stopped(error) }
      }
      let result = unsafe nova_curl_multi_result(multi)
      if result >= 0 { return result }
      var extra = curl_waitfd(
        fd: interrupts.descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
      unsafe curl_multi_poll(multi, &extra, interrupts.descriptor >= 0 ? 1 : 0, 1000, nil)
      if case .stop = interrupts.pending() { throw .stopped(.interrupted) }
      // A quiet stream writes nothing that would fail: `logs -f quiet | head -1` ends all the same.
      if onBytes != nil, interrupts.readerIsGone { throw .stopped(.closedPipe) }
    }
  }

  /// Sets every option; the list of headers must live as long as the handle.
  private func configure(
    _ easy: UnsafeMutableRawPointer, _ call: Call, _ transfer: Transfer
  ) -> UnsafeMutablePointer<curl_slist>? {
    // The host's name is never looked up: curl connects to the socket.
    let url = "http://nova" + call.path + Self.queryText(call.query)
    unsafe nova_curl_set_text(easy, Int32(CURLOPT_URL.rawValue), url)
    unsafe nova_curl_set_text(easy, Int32(CURLOPT_UNIX_SOCKET_PATH.rawValue), socket)
    unsafe nova_curl_set_text(easy, Int32(CURLOPT_PROXY.rawValue), "")
    unsafe nova_curl_set_long(easy, Int32(CURLOPT_NOSIGNAL.rawValue), 1)
    unsafe nova_curl_set_long(easy, Int32(CURLOPT_CONNECTTIMEOUT.rawValue), 5)
    if let seconds = call.timeoutSeconds {
      let milliseconds = Int(min(seconds, 864_000) * 1000)
      unsafe nova_curl_set_long(easy, Int32(CURLOPT_TIMEOUT_MS.rawValue), max(1, milliseconds))
    }
    if let body = call.body {
      unsafe nova_curl_set_body(easy, body, body.count)
    }
    unsafe nova_curl_set_text(easy, Int32(CURLOPT_CUSTOMREQUEST.rawValue), call.method)
    // SAFETY: `transfer` outlives the handle: `perform` holds it until after curl_easy_cleanup.
    unsafe nova_curl_set_sink(
      easy,
      { bytes, size, count, context in
        guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
        let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        let chunk = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
        return unsafe transfer.append(chunk) ? size * count : 0
      }, unsafe Unmanaged.passUnretained(transfer).toOpaque())
    var list: UnsafeMutablePointer<curl_slist>?
    for header in ["Accept: application/json", "Content-Type: application/json", "Expect:"]
      + call.headers
    {
      unsafe list = curl_slist_append(list, header)
    }
    unsafe nova_curl_set_list(easy, Int32(CURLOPT_HTTPHEADER.rawValue), list)
    return unsafe list
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

/// The bytes of one answer. A class because libcurl's callback reaches it through a pointer.
private final class Transfer {
  private let streaming: Bool
  private var bytes: [UInt8] = []
  private(set) var overflowed = false

  init(streaming: Bool) { self.streaming = streaming }

  var hasBytes: Bool { !bytes.isEmpty }

  func append(_ chunk: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count + chunk.count <= APICoding.maximumResponseBytes else {
      overflowed = true
      return false
    }
    unsafe bytes.append(contentsOf: chunk)
    return true
  }

  func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }
}
