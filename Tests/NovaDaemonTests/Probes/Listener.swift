// A listener on loopback for probes to look at. Must never accept anything but what a test asks for.

import Glibc
import NovaLinux

/// A TCP listener on a port of the kernel's choice.
final class Listener {
  let descriptor: CInt
  let port: UInt16
  private var accepted: [CInt] = []

  init(backlog: CInt = 16) throws {
    descriptor = nonBlocking(socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = self.descriptor
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        unsafe bind(descriptor, generic, size) == 0 && listen(descriptor, backlog) == 0
          && getsockname(descriptor, generic, &size) == 0
      }
    }
    guard result else { throw SystemError.last("listen on", "loopback") }
    port = UInt16(bigEndian: address.sin_port)
  }

  /// Connects to itself without accepting until the backlog is full.
  func fill() {
    for _ in 0..<8 {
      let client = nonBlocking(socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0))
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      _ = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      accepted.append(client)
    }
  }

  /// Answers every waiting connection with `text`, as far as the socket takes it; answers how many there were.
  @discardableResult
  func answer(_ text: String) -> Int {
    var count = 0
    while true {
      let client = accept(descriptor, nil, nil)
      guard client >= 0 else { return count }
      count += 1
      accepted.append(client)
      let bytes = Array(text.utf8)
      _ = unsafe bytes.withUnsafeBytes {
        unsafe send(client, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
    }
  }

  deinit {
    for client in accepted { _ = close(client) }
    _ = close(descriptor)
  }
}
