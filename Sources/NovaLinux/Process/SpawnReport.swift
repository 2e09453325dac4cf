// What a child says before its program executes: nothing, its listener, why it cannot, or by the end of the file that it
// does. Must never wait: the child may take as long as a dead mount does.

internal import CNovaSys
internal import Glibc

/// One reading of a child's report.
enum SpawnReport {
  /// It has not got that far.
  case nothing
  /// It has a table of descriptors of its own; more follows.
  case apart
  /// What it listens on in its own network; more follows.
  case listener(DescriptorBox)
  /// The same, and this process had no number left for it; more follows.
  case lostListener
  case failed(SpawnFailure)
  case executing

  /// Reads what there is. A child without a listener reports on a pipe, one with a listener on a socket.
  static func read(_ report: DescriptorBox) -> SpawnReport {
    var bytes = [UInt8](repeating: 0, count: 8)
    var listener: [CInt] = [-1]
    var count = UInt32(1)
    // SAFETY: both buffers outlive the call and are as long as said.
    var got = unsafe bytes.withUnsafeMutableBytes { room in
      unsafe listener.withUnsafeMutableBufferPointer { fds in
        unsafe nova_receive(report.raw(), room.baseAddress, 8, fds.baseAddress, &count)
      }
    }
    if got == -Int64(ENOTSOCK) {
      count = 0
      got = Int64(unsafe Glibc.read(report.raw(), &bytes, bytes.count))
      if got < 0 { got = -Int64(errno) }
    }
    if got == -Int64(EAGAIN) || got == -Int64(EINTR) { return .nothing }
    if got > 0, count == UInt32(NOVA_FDS_LOST) { return .lostListener }
    if got > 0, count == 1 { return .listener(DescriptorBox(Descriptor(listener[0]))) }
    if got == 8, littleEndian(Int32.self, bytes[..<4]) == Int32(NOVA_APART) { return .apart }
    return SpawnFailure(report: bytes.prefix(Int(max(0, got)))).map(Self.failed) ?? .executing
  }
}
