// A supervisor that says what a test tells it: HTTP on a Unix socket in a directory of its own. Must never know
// what the real one would answer.

import Glibc
import NovaClient
import NovaModel
import NovaWire
import Synchronization

/// What the fake says to one route.
struct Reply: Sendable {
  var status = 200
  var body: [UInt8]
  /// Accepts and never answers.
  var silent = false

  static func json(_ value: some Encodable, status: Int = 200) -> Reply {
    Reply(status: status, body: APICoding.encode(value))
  }
  static func text(_ text: String, status: Int = 200) -> Reply {
    Reply(status: status, body: Array(text.utf8))
  }
  static func error(_ code: APIErrorCode, _ message: String) -> Reply {
    .json(APIError(code, message).body, status: code.httpStatus)
  }
  static let silence = Reply(body: [], silent: true)
}

/// The fake. A class because it ends its thread and removes its directory in deinit.
final class FakeServer: Sendable {
  struct Request: Sendable {
    var line: String
    var body: String
  }

  let directory: String
  let socket: String
  private let listener: Int32
  private let thread: pthread_t
  private let state: State

  /// What the thread shares: replies by `METHOD /path`, each list used up to its last element.
  final class State: Sendable {
    let replies: Mutex<[String: [Reply]]>
    let requests = Mutex<[Request]>([])
    let listener: Int32
    init(_ replies: [String: [Reply]], listener: Int32) {
      self.replies = Mutex(replies)
      self.listener = listener
    }
  }

  var requests: [Request] { state.requests.withLock(\.self) }

  init(_ replies: [String: [Reply]] = [:]) {
    var template = Array("/tmp/novasup-test-XXXXXX".utf8CString)
    directory = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
        ?? ""
    }
    socket = directory + "/s"
    let listener = Glibc.socket(AF_UNIX, 1, 0)  // SOCK_STREAM
    self.listener = listener
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array((directory + "/s").utf8)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
    _ = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    listen(listener, 16)
    state = State(replies, listener: listener)
    var thread = pthread_t()
    // SAFETY: the thread is joined in deinit, and takes this reference over.
    unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe FakeServer.serve(Unmanaged<State>.fromOpaque(context).takeRetainedValue())
        return nil
      }, Unmanaged.passRetained(state).toOpaque())
    self.thread = thread
  }

  convenience init(_ replies: [String: Reply]) { self.init(replies.mapValues { [$0] }) }

  deinit {
    shutdown(listener, 2)  // SHUT_RDWR
    pthread_join(thread, nil)
    close(listener)
    unsafe unlink(socket)
    unsafe rmdir(directory)
  }

  private static func serve(_ state: State) {
    var silent: [Int32] = []
    while true {
      let client = accept(state.listener, nil, nil)
      guard client >= 0 else { break }
      if answer(client, state) { close(client) } else { silent.append(client) }
    }
    for client in silent { close(client) }
  }

  /// False when the client is to be left without an answer.
  private static func answer(_ client: Int32, _ state: State) -> Bool {
    guard let request = read(client) else { return true }
    let words = request.line.split(separator: " ")
    guard words.count >= 2 else { return true }
    let path = words[1].split(separator: "?")[0]
    state.requests.withLock { $0.append(request) }
    let reply = state.replies.withLock { replies -> Reply in
      let key = "\(words[0]) \(path)"
      guard var list = replies[key], let first = list.first else {
        return .error(.notFound, "no such page")
      }
      if list.count > 1 {
        list.removeFirst()
        replies[key] = list
      }
      return first
    }
    if reply.silent { return false }
    let head = "HTTP/1.1 \(reply.status) X\r\nConnection: close\r\n\r\n"
    let bytes = Array(head.utf8) + reply.body
    // A client that has gone away is part of what is tested: MSG_NOSIGNAL, whose Swift form depends on header order.
    unsafe send(client, bytes, bytes.count, 0x4000)
    return true
  }

  private static func read(_ client: Int32) -> Request? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe recv(client, &chunk, chunk.count, 0)
      guard count > 0 else { return nil }
      bytes += chunk[..<count]
      let text = String(decoding: bytes, as: UTF8.self)
      guard let end = text.range(of: "\r\n\r\n") else { continue }
      let head = text[..<end.lowerBound].split(separator: "\r\n")
      let length =
        head.first { $0.lowercased().hasPrefix("content-length:") }
        .flatMap { Int($0.drop { $0 != " " }.dropFirst()) } ?? 0
      let body = text[end.upperBound...]
      if body.utf8.count >= length { return Request(line: String(head[0]), body: String(body)) }
    }
  }
}

extension String {
  /// The first place of a text; the standard library has no search for it outside of regular expressions.
  fileprivate func range(of needle: String) -> Range<String.Index>? { firstRange(of: needle) }
}

/// What a command line did.
struct Outcome {
  var code: ExitCode
  var out: String
  var err: String
}

/// Collects output. A class because the console's closure writes to it.
private final class Capture {
  var out: [UInt8] = []
  var err: [UInt8] = []
}

/// Runs a command line in this process against a fake.
func novasup(
  _ words: [String], _ server: FakeServer? = nil, terminal: Int? = nil, colour: Bool = false,
  closedPipe: Bool = false
) -> Outcome {
  let capture = Capture()
  let console = Console(isTerminal: terminal != nil, colour: colour, width: terminal) {
    channel, bytes in
    if channel == .out {
      if closedPipe { return EPIPE }
      capture.out += bytes
    } else {
      capture.err += bytes
    }
    return 0
  }
  let code = Novasup.run(
    words, environment: ["NOVA_SOCKET": server?.socket ?? "/tmp/novasup-there-is-none/s"],
    console: console, interrupts: .none,
    now: { WallTime(microseconds: 1_800_000_000_000_000) })
  return Outcome(
    code: code, out: String(decoding: capture.out, as: UTF8.self),
    err: String(decoding: capture.err, as: UTF8.self))
}
