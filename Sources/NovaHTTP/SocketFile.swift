// The listening Unix socket as a file: made with its access mode, a stale one replaced, removed only if still ours.
// Must never remove a socket that a live server answers on, nor one that a successor has put in its place.

internal import CMicroHTTPD
internal import Glibc
internal import NovaLinux

/// A listening Unix socket and the file that names it.
struct SocketFile: ~Copyable {
  private let descriptor: Descriptor
  private let path: String
  private let device: UInt64
  private let inode: UInt64

  /// Listens on `path`; see `HTTPServer.init`.
  init(path: String, mode: UInt32) throws(SystemError) {
    let listener = try SocketFile.open(path)
    let name = try SocketFile.Name(path)
    if unsafe name.withAddress({ unsafe bind(listener.raw(), $0, $1) }) != 0 {
      let reason = errno
      guard reason == EADDRINUSE else {
        throw SystemError(call: "listen on", number: reason, subject: path)
      }
      try SocketFile.removeStale(path, name)
      guard unsafe name.withAddress({ unsafe bind(listener.raw(), $0, $1) }) == 0 else {
        throw .last("listen on", path)
      }
    }
    // Between bind and chmod nobody can connect: listen comes after.
    guard unsafe chmod(path, mode_t(mode)) == 0 else { throw .last("set the mode of", path) }
    guard listen(listener.raw(), 511) == 0 else { throw .last("listen on", path) }
    guard let identity = SocketFile.identity(path) else { throw .last("look at", path) }
    self.path = path
    (device, inode) = identity
    descriptor = listener
  }

  /// The listening descriptor.
  borrowing func raw() -> CInt { descriptor.raw() }

  /// Removes the file unless something else stands there now.
  borrowing func remove() {
    if let now = SocketFile.identity(path), now == (device, inode) { _ = unsafe unlink(path) }
  }

  /// One connection too many: says so if the socket takes it at once, and closes.
  static func refuse(_ socket: CInt) {
    let body = Exchange.failure("too_many_connections", "too many connections are open; try again")
    let head =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
      + "Content-Length: \(body.count)\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
    let bytes = Array(head.utf8) + body
    _ = unsafe bytes.withUnsafeBytes {
      unsafe nova_http_send(socket, $0.baseAddress, $0.count)
    }
    _ = Glibc.close(socket)
  }

  private static func open(_ path: String) throws(SystemError) -> Descriptor {
    Descriptor(try checked("make a socket for", path) { nova_http_socket() })
  }

  /// Only a socket that refuses to connect is stale; a file of another kind is never touched.
  private static func removeStale(_ path: String, _ name: borrowing Name) throws(SystemError) {
    let probe = try open(path)
    if unsafe name.withAddress({ unsafe connect(probe.raw(), $0, $1) }) == 0 || errno == EAGAIN {
      throw SystemError(call: "listen on", number: EADDRINUSE, subject: path)
    }
    let reason = errno
    guard reason == ECONNREFUSED else {
      throw SystemError(
        call: "listen on", number: reason == ENOTSOCK ? EADDRINUSE : reason, subject: path)
    }
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
      throw SystemError(call: "listen on", number: EADDRINUSE, subject: path)
    }
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw .last("replace the stale socket", path)
    }
  }

  private static func identity(_ path: String) -> (UInt64, UInt64)? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    return (UInt64(status.st_dev), UInt64(status.st_ino))
  }

  /// A path as an address.
  struct Name: ~Copyable {
    private var address = sockaddr_un()

    init(_ path: String) throws(SystemError) {
      let bytes = Array(path.utf8)
      // sun_path holds 108 bytes, one of them the final zero (unix(7)).
      guard !bytes.isEmpty, bytes.count < 108, !bytes.contains(0) else {
        throw SystemError(
          call: "listen on", number: ENAMETOOLONG,
          subject:
            "\(path) (a socket's path has 1 to 107 bytes, this one \(bytes.count); choose a shorter one)"
        )
      }
      address.sun_family = sa_family_t(AF_UNIX)
      unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    }

    borrowing func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
      var copy = address
      return unsafe withUnsafePointer(to: &copy) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    }
  }
}
