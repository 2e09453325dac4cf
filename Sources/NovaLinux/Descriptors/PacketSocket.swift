// Unix sockets of packets: a message is sent whole with its descriptor, and received whole with it. For few and short
// messages that carry descriptors. Must never wait, or leave a received descriptor without an owner.

internal import CNovaSys
internal import Glibc

/// One received message.
package struct Packet: ~Copyable {
  /// At most `PacketSocket.longest`; a longer one arrives cut off.
  package let bytes: [UInt8]
  /// What came with it.
  package private(set) var descriptor: Descriptor?

  init(bytes: [UInt8], descriptor: consuming Descriptor?) {
    self.bytes = bytes
    self.descriptor = descriptor
  }

  /// Gives it up: the caller closes it.
  package mutating func takeDescriptor() -> Descriptor? { descriptor.take() }
}

/// One look at a socket of packets.
package enum PacketReading: ~Copyable {
  case packet(Packet)
  /// Nothing waits.
  case nothing
  /// The other side is gone, or sent what nobody sends here.
  case ended
  /// A message came with a descriptor that this process had no number left for; what it said is lost too.
  case lost
}

/// Calls about Unix sockets of type SOCK_SEQPACKET. All are close-on-exec and non-blocking; `UnixSocket.accept` accepts.
package enum PacketSocket {
  /// The longest message that is read whole.
  package static let longest = 512

  /// What became of a message.
  package enum Outcome: Sendable, Hashable {
    case sent
    /// The socket takes no more now.
    case full
    /// It never will.
    case broken
  }

  /// Listens at `path`, mode 0600, replacing what is there: the caller holds the right to the directory.
  package static func listen(at path: String) throws(SystemError) -> Descriptor {
    try answer("listen on", path, unsafe nova_packet_listen(path))
  }

  /// Connects, or fails at once. Calls `connect(2)`.
  package static func connect(to path: String) throws(SystemError) -> Descriptor {
    try answer("connect to", path, unsafe nova_packet_connect(path))
  }

  /// Sends one message whole, with one descriptor or none: it stays the caller's too. Calls `sendmsg(2)`.
  package static func send(
    _ bytes: [UInt8], with descriptor: DescriptorBox?, to socket: CInt
  ) -> Outcome {
    let numbers = descriptor.map { [$0.raw()] } ?? []
    // SAFETY: both buffers outlive the call; `descriptor` stays open for it.
    let taken = unsafe bytes.withUnsafeBytes { bytes in
      unsafe numbers.withUnsafeBufferPointer { fds in
        unsafe nova_send(
          socket, bytes.baseAddress, UInt64(bytes.count), fds.baseAddress, UInt32(fds.count))
      }
    }
    if taken == Int64(bytes.count) { return .sent }
    return taken == -Int64(EAGAIN) ? .full : .broken
  }

  /// Takes one message, if there is one. Calls `recvmsg(2)`.
  package static func receive(from socket: CInt) -> PacketReading {
    var bytes = [UInt8](repeating: 0, count: longest)
    var number: [CInt] = [-1]
    var count = UInt32(1)
    // SAFETY: both buffers outlive the call and are as long as said.
    let got = unsafe bytes.withUnsafeMutableBytes { room in
      unsafe number.withUnsafeMutableBufferPointer { fds in
        unsafe nova_receive(socket, room.baseAddress, UInt64(room.count), fds.baseAddress, &count)
      }
    }
    if got == -Int64(EAGAIN) { return .nothing }
    guard got > 0 else { return .ended }
    if count == UInt32(NOVA_FDS_LOST) { return .lost }
    let descriptor: Descriptor? = count == 1 ? Descriptor(number[0]) : nil
    return .packet(Packet(bytes: Array(bytes.prefix(Int(got))), descriptor: descriptor))
  }

  private static func answer(
    _ call: String, _ subject: String, _ result: Int32
  ) throws(SystemError) -> Descriptor {
    guard result >= 0 else { throw SystemError(call: call, number: -result, subject: subject) }
    return Descriptor(result)
  }
}
