// A listening TCP socket of a test, and a client's end of one. Must never listen on anything but loopback.

import Glibc
import NovaLinux

/// A listening TCP socket on a port of the kernel's choice, to be given away.
struct Listener: ~Copyable {
  let descriptor: Descriptor
  let port: UInt16

  init(blocking: Bool = false) throws {
    let kind = CInt(SOCK_STREAM.rawValue) | (blocking ? 0 : CInt(SOCK_NONBLOCK.rawValue))
    let made = Descriptor(socket(AF_INET, kind | CInt(SOCK_CLOEXEC.rawValue), 0))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        guard unsafe bind(made.raw(), $0, size) == 0, listen(made.raw(), 64) == 0 else {
          return CInt(-1)
        }
        return unsafe getsockname(made.raw(), $0, &size)
      }
    }
    guard result == 0 else { throw SystemError.last("listen on", "127.0.0.1") }
    port = UInt16(bigEndian: address.sin_port)
    descriptor = made
  }

  consuming func give() -> Descriptor { descriptor }
}

/// A socket that is connected to the port.
@discardableResult
func dial(_ port: UInt16) throws -> DescriptorBox {
  let made = DescriptorBox(Descriptor(socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)))
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  let result = unsafe withUnsafePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe connect(made.raw(), $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard result == 0 else { throw SystemError.last("connect to", "127.0.0.1:\(port)") }
  _ = nonBlocking(made.raw())
  return made
}
