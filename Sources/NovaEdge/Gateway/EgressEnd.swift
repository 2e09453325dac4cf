// One end of a tunnel: a socket, and the bytes that wait until it takes them. Must never hold more than one piece of them, so
// that who sends is held back by who reads.

import Glibc
import NovaLinux
import NovaModel

/// A socket that bytes come from and go to.
final class EgressEnd {
  let socket: DescriptorBox
  /// What it has not taken yet; nothing more is read for it meanwhile.
  private(set) var held: [UInt8] = []
  /// It will say nothing more.
  private(set) var hasEnded = false
  /// It was told that nothing more comes.
  private(set) var isShut = false
  /// Bytes that came from it.
  private(set) var said: Int64 = 0
  private var source: Source?
  private var interest: Interest = []

  /// 64 KiB at once: less costs more calls, more is more than most sockets take.
  static let piece = 65_536

  /// What a read found.
  enum Found {
    case bytes(Int)
    case nothing
    case end
    case broken
  }

  init(_ socket: DescriptorBox) {
    self.socket = socket
    // What is passed on was written at once by somebody who waits for an answer.
    var one: CInt = 1
    _ = unsafe setsockopt(
      socket.raw(), CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
  }

  /// Reads what is there, at most a room full.
  func read(into room: inout [UInt8], most: Int = EgressEnd.piece) -> Found {
    let count = unsafe room.withUnsafeMutableBytes {
      unsafe recv(socket.raw(), $0.baseAddress, min(most, $0.count), CInt(MSG_DONTWAIT))
    }
    if count > 0 {
      said += Int64(count)
      return .bytes(count)
    }
    if count < 0 { return errno == EAGAIN || errno == EINTR ? .nothing : .broken }
    hasEnded = true
    return .end
  }

  /// Writes, and holds what it does not take; false when nobody is there.
  func write(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard held.isEmpty else {
      held += bytes
      return true
    }
    guard let left = UnixSocket.send(bytes, to: socket.raw()) else { return false }
    if !left.isEmpty { held = Array(left) }
    return true
  }

  /// Writes what was held; false when nobody is there.
  func flush() -> Bool {
    guard !held.isEmpty else { return true }
    guard let left = UnixSocket.send(held[...], to: socket.raw()) else { return false }
    held = Array(left)
    return true
  }

  /// Tells it that nothing more comes; what is held must have been written.
  func shut() {
    guard !isShut else { return }
    isShut = true
    _ = shutdown(socket.raw(), CInt(SHUT_WR))
  }

  /// Has the loop look at it; false without memory. Nothing to look for takes it out of the loop: an end would wake it for ever.
  func follow(_ wanted: Interest, _ loop: EventLoop, _ body: @escaping (Interest) -> Void) -> Bool {
    guard wanted != interest else { return true }
    interest = wanted
    if wanted.isEmpty {
      source?.cancel()
      source = nil
    } else if let source {
      source.setInterest(wanted)
    } else {
      // After the calls of models, whose answers somebody pays for.
      source = try? loop.watch(socket.raw(), wanted, priority: 20, body)
      return source != nil
    }
    return true
  }

  /// Looked at no more.
  func leave() {
    source?.cancel()
    source = nil
    interest = []
  }
}
