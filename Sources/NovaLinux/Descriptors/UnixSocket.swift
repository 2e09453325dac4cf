// Unix stream sockets: listening, connecting, accepting.
// Must never make a socket file that others could open before its mode is set.

internal import CNovaSys
internal import Glibc

/// Calls about stream sockets in the file system. All are close-on-exec and non-blocking.
package enum UnixSocket {
  /// Listens at `path`, mode 0600, replacing what is there: the caller holds the right to the directory.
  package static func listen(at path: String) throws(SystemError) -> Descriptor {
    try answer("listen on", path, unsafe nova_socket_listen(path))
  }

  /// Connects, or fails at once. Calls `connect(2)`.
  package static func connect(to path: String) throws(SystemError) -> Descriptor {
    try answer("connect to", path, unsafe nova_socket_connect(path))
  }

  /// Connects, waiting its turn for at most so long where the listener's queue is full: then it throws EAGAIN.
  /// For programs without a loop. Calls `connect(2)`.
  package static func connect(
    to path: String, withinMilliseconds limit: Int32
  ) throws(SystemError) -> Descriptor {
    try answer("connect to", path, unsafe nova_socket_connect_within(path, limit))
  }

  /// Takes one connection, nil when none waits. Calls `accept4(2)`.
  package static func accept(_ listener: CInt) throws(SystemError) -> Descriptor? {
    let result = nova_socket_accept(listener)
    // ECONNABORTED: it gave up before we looked.
    if result == -EAGAIN || result == -ECONNABORTED || result == -EINTR { return nil }
    return try answer("accept on", "descriptor \(listener)", result)
  }

  /// Sends what the socket takes now and answers what is left; nil when nobody reads any more. Calls `send(2)` with
  /// MSG_NOSIGNAL.
  package static func send(_ bytes: ArraySlice<UInt8>, to socket: CInt) -> ArraySlice<UInt8>? {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe nova_host_send(socket, $0.baseAddress, UInt64($0.count))
    }
    if count == -Int64(EAGAIN) || count == -Int64(EINTR) { return bytes }
    return count < 0 ? nil : bytes.dropFirst(Int(count))
  }

  private static func answer(
    _ call: String, _ subject: String, _ result: Int32
  ) throws(SystemError) -> Descriptor {
    guard result >= 0 else { throw SystemError(call: call, number: -result, subject: subject) }
    return Descriptor(result)
  }
}
