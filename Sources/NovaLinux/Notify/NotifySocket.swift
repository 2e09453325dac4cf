// The brain's end of a worker's notify socket: datagrams with the kernel's word on who sent them, which stay in the queue
// until what they said is safe. Must never judge a sender and never block; a flood is read in bounded bites.

internal import CNovaSys
internal import Glibc

/// One datagram.
package struct NotifyDatagram: Sendable {
  /// At most 4096; sd_notify(3) messages are far smaller.
  package let bytes: [UInt8]
  /// It was longer: the rest is lost.
  package let truncated: Bool
  /// When it was sent, on the wall clock, nanoseconds: with the sender, what tells it from any other, however often it is
  /// looked at. Nil where the kernel does not say (SO_TIMESTAMPNS).
  package let sent: Int64?
  /// SCM_CREDENTIALS: checked by the kernel, without supplementary groups. Nil when it gave none.
  package let sender: PeerIdentity?
  /// SCM_PIDFD, where the kernel has SO_PASSPIDFD (6.5) and the sender still exists.
  package let pidfd: DescriptorBox?
  /// Passed with it; closed when the last reference goes. `BARRIER=1` waits for exactly that.
  package let descriptors: [DescriptorBox]
}

/// A worker's notify socket, a duplicate of the shim's: what is in its queue waits for the next brain.
///
/// A datagram is looked at first and taken out when nothing depends on it any more: who dies in between has lost nothing.
package final class NotifySocket {
  private let box: DescriptorBox
  /// Lengths of those that were looked at and are still in the queue, oldest first.
  private var kept: [Int] = []
  /// How many were ever kept.
  private var keptThrough: UInt64 = 0
  /// The kernel can look behind what is kept.
  private let canKeep: Bool

  /// What becomes of a datagram that was looked at.
  package enum Fate: Sendable {
    /// It goes.
    case dropped
    /// It stays in the queue until `drop(through:)`.
    case kept
  }

  /// Wraps what `ShimReport.notifySocket` carried. Calls `setsockopt(2)`; a kernel that refuses the options of socket(7) gives no
  /// time of sending, and every datagram is then dropped as it is looked at.
  package init(_ box: DescriptorBox) {
    self.box = box
    canKeep = nova_datagram_prepare(box.raw()) == 0
  }

  /// To be watched for `readable`: it stays so while something is kept.
  package var descriptor: CInt { box.raw() }

  /// Whether something is kept.
  package var keeps: Bool { !kept.isEmpty }

  /// Every waiting datagram up to `limit`, taken out. Calls `recvmsg(2)`.
  package func receive(limit: Int) throws(SystemError) -> [NotifyDatagram] {
    var datagrams: [NotifyDatagram] = []
    try receive(limit: limit) {
      datagrams.append($0)
      return (.dropped, true)
    }
    return datagrams
  }

  /// Hands on up to `limit` waiting datagrams that were not handed on before, one by one, so that what came with one is
  /// closed before the next is looked at: 253 descriptors are open at most, whatever is sent. `body` answers what
  /// becomes of it, and whether to go on; what is behind a kept one is kept.
  ///
  /// Returns the mark to drop what was kept, nil when nothing was. Calls `recvmsg(2)`.
  @discardableResult
  package func receive(
    limit: Int, _ body: (NotifyDatagram) -> (fate: Fate, goesOn: Bool)
  ) throws(SystemError) -> UInt64? {
    let before = keptThrough
    var buffer = [UInt8](repeating: 0, count: 4096)
    for count in 0..<limit {
      guard let next = try look(&buffer) else {
        if count == 0, kept.isEmpty { dropEmpty() }
        break
      }
      let (fate, goesOn) = body(next.datagram)
      if fate == .dropped && kept.isEmpty || !canKeep {
        _ = nova_datagram_drop(box.raw())
      } else {
        kept.append(next.length)
        keptThrough += 1
        // The kernel goes on where the buffer ended, in the middle of one that was longer.
        if next.datagram.truncated { lookFrom(kept.reduce(0, +)) }
      }
      guard goesOn else { break }
    }
    return keptThrough > before ? keptThrough : nil
  }

  /// Looks at every waiting datagram, up to `limit`, and takes none out: they are handed on again. For when nothing is kept.
  package func survey(limit: Int, _ body: (NotifyDatagram) -> Void) throws(SystemError) {
    guard canKeep, kept.isEmpty else { return }
    defer { lookFrom(0) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    var length = 0
    for _ in 0..<limit {
      guard let next = try look(&buffer) else { return }
      length += next.length
      if next.datagram.truncated { lookFrom(length) }
      body(next.datagram)
    }
  }

  /// Takes out what was kept up to that mark.
  package func drop(through mark: UInt64) {
    let out = keptThrough - UInt64(kept.count)
    guard mark > out else { return }
    let count = Int(min(mark, keptThrough) - out)
    for length in kept.prefix(count) {
      // Empty ones are looked at once only, by whichever brain was first: they are not in the list.
      while nova_datagram_drop(box.raw()) == 0, length > 0 {}
    }
    kept.removeFirst(count)
  }

  private func look(_ buffer: inout [UInt8]) throws(SystemError) -> (
    datagram: NotifyDatagram, length: Int
  )? {
    var meta = nova_datagram()
    // SAFETY: `buffer` and `meta` outlive the call.
    let result = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe nova_datagram_look(box.raw(), bytes.baseAddress, UInt64(bytes.count), &meta)
    }
    guard result >= 0 else {
      throw SystemError(call: "receive from", number: -result, subject: "a notify socket")
    }
    guard result > 0 else { return nil }
    return (datagram(buffer, &meta), Int(meta.length))
  }

  private func lookFrom(_ offset: Int) { _ = nova_datagram_look_from(box.raw(), Int64(offset)) }

  /// The kernel hands an empty datagram to one look only: afterwards it makes the socket readable for ever.
  private func dropEmpty() {
    lookFrom(-1)
    defer { lookFrom(0) }
    var meta = nova_datagram()
    // SAFETY: no byte is written without room; `meta` outlives the call.
    let result = unsafe nova_datagram_look(box.raw(), nil, 0, &meta)
    guard result == 1 else { return }
    let isEmpty = meta.length == 0
    _ = datagram([], &meta)
    if isEmpty { _ = nova_datagram_drop(box.raw()) }
  }

  private func datagram(_ buffer: [UInt8], _ meta: inout nova_datagram) -> NotifyDatagram {
    let count = Int(meta.fd_count)
    let descriptors = unsafe withUnsafeBytes(of: &meta.fds) { raw in
      // SAFETY: an array of int32_t, of which the first fd_count are set.
      unsafe raw.bindMemory(to: Int32.self).prefix(count).map { DescriptorBox(Descriptor($0)) }
    }
    return NotifyDatagram(
      bytes: Array(buffer.prefix(Int(meta.length))), truncated: meta.truncated != 0,
      sent: meta.sent_ns > 0 ? meta.sent_ns : nil,
      sender: meta.has_sender != 0
        ? PeerIdentity(pid: meta.pid, uid: meta.uid, gid: meta.gid, groups: nil) : nil,
      pidfd: meta.pidfd >= 0 ? DescriptorBox(Descriptor(meta.pidfd)) : nil,
      descriptors: descriptors)
  }
}
