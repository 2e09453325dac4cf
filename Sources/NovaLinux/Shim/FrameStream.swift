// Frames and descriptors over a Unix stream socket, buffered both ways, never blocking. Descriptors travel with the
// first byte of their frame, and the kernel ends a read behind a message that has some: one batch a frame, in order.
// A batch this process had no numbers for is lost alone; its frame arrives and says so.
// Must never grow without bound or trap on what a peer sends: a bad peer loses its connection.

internal import CNovaSys
internal import Glibc

/// One connection.
final class FrameStream {
  private let socket: Descriptor
  private let maxQueuedBytes: Int
  private var incoming: [UInt8] = []
  // 32 KiB a read, kept: some 300 orders, and no page is touched twice.
  private var buffer = [UInt8](repeating: 0, count: 32_768)
  private var numbers = [CInt](repeating: -1, count: Int(NOVA_MAX_FDS))
  private var consumed = 0
  private var arrived: [[DescriptorBox]?] = []
  private var outgoing: [Outgoing] = []
  private var nextOutgoing = 0
  private(set) var queuedBytes = 0
  /// The peer is gone, broke the rules, or does not read.
  private(set) var isClosed = false

  private struct Outgoing {
    let bytes: [UInt8]
    var sent = 0
    var descriptors: [DescriptorBox]
  }

  init(_ socket: consuming Descriptor, maxQueuedBytes: Int) {
    self.socket = socket
    self.maxQueuedBytes = maxQueuedBytes
  }

  var descriptor: CInt { socket.raw() }
  var wantsWrite: Bool { !isClosed && nextOutgoing < outgoing.count }

  /// Ends it for both sides; the descriptor itself closes with the object.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    // 2 is SHUT_RDWR everywhere; whether Swift sees the name depends on header order.
    _ = shutdown(socket.raw(), 2)
    incoming = []
    consumed = 0
    arrived = []
    outgoing = []
    nextOutgoing = 0
    queuedBytes = 0
  }

  /// Queues a frame and writes what the socket takes.
  func send(_ frame: Frame, descriptors: [DescriptorBox] = []) throws(SystemError) {
    guard !isClosed else { throw SystemError(call: "send", number: ENOTCONN, subject: "shim.sock") }
    guard frame.payload.count <= ShimProtocol.maxFrameBytes else {
      throw SystemError(call: "send", number: EMSGSIZE, subject: "a frame above 1 MiB")
    }
    let bytes = frame.bytes(descriptors: descriptors.count)
    guard queuedBytes + bytes.count <= maxQueuedBytes else {
      throw SystemError(call: "send", number: ENOBUFS, subject: "shim.sock")
    }
    outgoing.append(Outgoing(bytes: bytes, descriptors: descriptors))
    queuedBytes += bytes.count
    flush()
  }

  /// Writes until the socket takes no more.
  func flush() {
    while wantsWrite {
      let first = outgoing[nextOutgoing]
      let numbers = first.descriptors.map { $0.raw() }
      // SAFETY: both buffers outlive the call; `first` keeps the descriptors open.
      let taken = unsafe first.bytes.withUnsafeBytes { bytes in
        unsafe numbers.withUnsafeBufferPointer { fds in
          let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[first.sent...])
          return unsafe nova_send(
            socket.raw(), rest.baseAddress, UInt64(rest.count), fds.baseAddress, UInt32(fds.count))
        }
      }
      // ETOOMANYREFS: too many descriptors in flight for an ordinary user, until the peer has read some.
      if taken == -Int64(EAGAIN) || taken == -Int64(ETOOMANYREFS) { return }
      guard taken > 0 else { return close() }
      // The descriptors went with the first byte.
      outgoing[nextOutgoing].descriptors = []
      outgoing[nextOutgoing].sent += Int(taken)
      queuedBytes -= Int(taken)
      if outgoing[nextOutgoing].sent == first.bytes.count { nextOutgoing += 1 }
      if nextOutgoing == outgoing.count || nextOutgoing > 1024 {
        outgoing.removeFirst(nextOutgoing)
        nextOutgoing = 0
      }
    }
  }

  /// Reads and takes complete frames until nothing waits or `limit` are there; more may come of the last read. What is
  /// left then is in the socket, which stays readable: no complete frame is ever held back here.
  func receive(limit: Int) throws(SystemError) -> [Message] {
    var messages: [Message] = []
    while !isClosed {
      while let message = try next() { messages.append(message) }
      guard messages.count < limit, try fill() else { break }
    }
    return messages
  }

  private var frameLength: Int? {
    littleEndian(UInt32.self, incoming[consumed...].prefix(4)).map(Int.init)
  }

  private func next() throws(SystemError) -> Message? {
    guard let length = frameLength else { return nil }
    guard length <= ShimProtocol.maxFrameBytes else { return try broken("a frame above 1 MiB") }
    guard incoming.count - consumed >= length + 8 else { return nil }
    let header = incoming[consumed...].prefix(8)
    guard let type = littleEndian(UInt16.self, header.dropFirst(4).prefix(2)),
      let count = littleEndian(UInt16.self, header.dropFirst(6))
    else { return nil }
    var taken: [DescriptorBox]? = []
    if count > 0 {
      guard let batch = arrived.first, batch?.count ?? Int(count) == Int(count) else {
        return try broken("a frame without its descriptors")
      }
      taken = batch
      arrived.removeFirst()
    }
    let payload = incoming[(consumed + 8)...].prefix(length)
    consumed += length + 8
    return Message(
      type: type, payload: ArraySlice(Array(payload)), descriptors: taken ?? [],
      lostDescriptors: taken == nil)
  }

  private func broken(_ what: String) throws(SystemError) -> Message? {
    close()
    throw SystemError(call: "read", number: EPROTO, subject: what)
  }

  /// One read; false when nothing waits or the peer is gone.
  private func fill() throws(SystemError) -> Bool {
    if consumed > 0 {
      incoming.removeFirst(consumed)
      consumed = 0
    }
    var count = UInt32(numbers.count)
    // SAFETY: both buffers outlive the call and are as long as said.
    let got = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe numbers.withUnsafeMutableBufferPointer { fds in
        unsafe nova_receive(
          socket.raw(), bytes.baseAddress, UInt64(bytes.count), fds.baseAddress, &count)
      }
    }
    if got == -Int64(EAGAIN) { return false }
    if got > 0, count == UInt32(NOVA_FDS_LOST) {
      arrived.append(nil)
    } else if got > 0, count > 0 {
      arrived.append(numbers.prefix(Int(count)).map { DescriptorBox(Descriptor($0)) })
    }
    if got == -Int64(EPROTO) { _ = try broken("more descriptors than fit") }
    guard got > 0 else {
      close()
      return false
    }
    incoming.append(contentsOf: buffer[..<Int(got)])
    if arrived.reduce(0, { $0 + ($1?.count ?? 1) })
      > ShimProtocol.maxQueuedDescriptors + Int(NOVA_MAX_FDS)
    {
      _ = try broken("descriptors without frames")
    }
    return true
  }
}
