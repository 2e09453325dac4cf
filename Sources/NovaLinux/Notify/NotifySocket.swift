// The brain's end of a worker's notify socket: datagrams with the kernel's word on who sent them.
// Must never judge a sender and never block; a flood is read in bounded bites.

internal import CNovaSys
internal import Glibc

/// One datagram.
package struct NotifyDatagram: Sendable {
  /// At most 4096; sd_notify(3) messages are far smaller.
  package let bytes: [UInt8]
  /// It was longer: not to be believed.
  package let truncated: Bool
  /// SCM_CREDENTIALS: checked by the kernel, without supplementary groups. Nil when it gave none.
  package let sender: PeerIdentity?
  /// SCM_PIDFD, where the kernel has SO_PASSPIDFD (6.5) and the sender still exists.
  package let pidfd: DescriptorBox?
  /// Passed with it; closed when the last reference goes. `BARRIER=1` waits for exactly that.
  package let descriptors: [DescriptorBox]
}

/// A worker's notify socket, a duplicate of the shim's: what is unread waits for the next brain.
package struct NotifySocket: Sendable {
  private let box: DescriptorBox

  /// Wraps what `ShimReport.notifySocket` carried.
  package init(_ box: DescriptorBox) { self.box = box }

  /// To be watched for `readable`.
  package var descriptor: CInt { box.raw() }

  /// Up to `limit` waiting datagrams. Calls `recvmsg(2)`.
  package func receive(limit: Int) throws(SystemError) -> [NotifyDatagram] {
    var datagrams: [NotifyDatagram] = []
    try receive(limit: limit) {
      datagrams.append($0)
      return true
    }
    return datagrams
  }

  /// Hands on up to `limit` waiting datagrams one by one, so that what came with one is closed before the next is
  /// taken: 253 descriptors are open at most, whatever is sent. Ends early when `body` says false. Calls `recvmsg(2)`.
  package func receive(limit: Int, _ body: (NotifyDatagram) -> Bool) throws(SystemError) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    var meta = nova_datagram()
    for _ in 0..<limit {
      // SAFETY: `buffer` and `meta` outlive the call.
      let result = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe nova_datagram_receive(box.raw(), bytes.baseAddress, UInt64(bytes.count), &meta)
      }
      guard result >= 0 else {
        throw SystemError(call: "receive from", number: -result, subject: "a notify socket")
      }
      if result == 0 { break }
      guard body(datagram(buffer, &meta)) else { break }
    }
  }

  private func datagram(_ buffer: [UInt8], _ meta: inout nova_datagram) -> NotifyDatagram {
    let count = Int(meta.fd_count)
    let descriptors = unsafe withUnsafeBytes(of: &meta.fds) { raw in
      // SAFETY: an array of int32_t, of which the first fd_count are set.
      unsafe raw.bindMemory(to: Int32.self).prefix(count).map { DescriptorBox(Descriptor($0)) }
    }
    return NotifyDatagram(
      bytes: Array(buffer.prefix(Int(meta.length))), truncated: meta.truncated != 0,
      sender: meta.has_sender != 0
        ? PeerIdentity(pid: meta.pid, uid: meta.uid, gid: meta.gid, groups: nil) : nil,
      pidfd: meta.pidfd >= 0 ? DescriptorBox(Descriptor(meta.pidfd)) : nil,
      descriptors: descriptors)
  }
}
