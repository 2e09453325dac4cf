// A loop, a server and clients in one thread: turned until a fact holds or five seconds are over.
// Must never sleep: it waits in the loop.

import Glibc
import NovaHTTP
import NovaLinux
import NovaModel
import Testing

/// Turns a loop until something is true.
@discardableResult
func turn(
  _ loop: EventLoop, within limit: Span = .seconds(5), until fact: () -> Bool
) throws -> Bool {
  let deadline = Clock.now().instant + limit
  while !fact() {
    if Clock.now().instant >= deadline { return false }
    _ = try loop.turn(limit: 16, timeout: .milliseconds(5))
  }
  return true
}

/// The same socket, non-blocking and close-on-exec.
func nonBlocking(_ socket: CInt) -> CInt {
  _ = fcntl(socket, F_SETFL, O_NONBLOCK)
  _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
  return socket
}

/// A client's end of a Unix socket, non-blocking.
final class Client {
  let descriptor: CInt
  private(set) var received: [UInt8] = []
  private(set) var ended = false

  init(_ path: String) throws {
    descriptor = nonBlocking(socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw SystemError.last("connect to", path) }
  }

  /// Sends what the socket takes; answers how much it took.
  @discardableResult
  func send(_ bytes: some Collection<UInt8>) -> Int {
    let all = Array(bytes)
    return unsafe all.withUnsafeBytes {
      unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
    }
  }

  @discardableResult
  func send(_ text: String) -> Int { send(Array(text.utf8)) }

  /// Reads what is there.
  func read() {
    var room = [UInt8](repeating: 0, count: 65536)
    while !ended {
      let count = unsafe room.withUnsafeMutableBytes {
        unsafe Glibc.recv(descriptor, $0.baseAddress, $0.count, 0)
      }
      if count > 0 {
        received += room[..<count]
      } else {
        ended = count == 0 || errno != EAGAIN
        return
      }
    }
  }

  var text: String {
    read()
    return String(decoding: received, as: UTF8.self)
  }

  /// The status of the first answer, or nil while it is not there.
  var status: Int? {
    let line = text.prefix { $0 != "\r\n" }
    guard line.hasPrefix("HTTP/1.1 ") else { return nil }
    return Int(line.dropFirst(9).prefix(3))
  }

  /// What follows the first empty line.
  var body: String {
    let all = text
    guard let head = all.range(ofFirst: "\r\n\r\n") else { return "" }
    return String(all[head...])
  }

  func close() { _ = Glibc.close(descriptor) }
}

extension String {
  /// The index after the first occurrence.
  func range(ofFirst needle: String) -> Index? {
    var at = startIndex
    while at < endIndex {
      if self[at...].hasPrefix(needle) { return index(at, offsetBy: needle.count) }
      at = index(after: at)
    }
    return nil
  }
}

/// A server in a directory of its own.
final class Bench {
  let scratch: Scratch
  let loop: EventLoop
  let path: String
  let server: HTTPServer

  init(
    limits: HTTPLimits = HTTPLimits(), handler: @escaping (Exchange) -> Void
  ) throws {
    scratch = try Scratch()
    loop = try EventLoop()
    path = scratch.path + "/api.sock"
    server = try HTTPServer(
      loop: loop, socketPath: path, mode: 0o666, limits: limits, handler: handler)
  }

  /// Sends one request and waits for the status.
  func ask(_ request: String) throws -> Client {
    let client = try Client(path)
    client.send(request)
    try turn(loop) { client.status != nil }
    return client
  }

  deinit { server.close() }
}
