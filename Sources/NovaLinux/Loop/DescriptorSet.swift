// Many descriptors as one source of the loop: of fifty that are ready the loop itself would serve one and ask the kernel anew
// about all, which costs as much as serving them. Must never tell of a descriptor that was taken out before it in the same round.

internal import CNovaSys
internal import Glibc

/// Descriptors that are served together; an epoll(7) of their own. They stay their owner's.
package final class DescriptorSet {
  private let box: DescriptorBox
  private var watched: Set<CInt> = []
  private var source: Source?
  private var found = [nova_ready](repeating: nova_ready(), count: 64)

  /// Tells `serve` of each that is ready, at most 64 a time. Calls `epoll_create1(2)`.
  package init(
    _ loop: EventLoop, _ serve: @escaping (CInt, Interest) -> Void
  ) throws(SystemError) {
    let made = nova_epoll_make()
    guard made >= 0 else {
      throw SystemError(call: "epoll_create1", number: -made, subject: "a set of descriptors")
    }
    box = DescriptorBox(Descriptor(made))
    source = try loop.watch(box.raw(), .readable) { [weak self] _ in self?.round(serve) }
  }

  /// Looks for that from now on. False where the kernel has no memory for it. Calls `epoll_ctl(2)`.
  @discardableResult package func watch(_ descriptor: CInt, _ interest: Interest) -> Bool {
    let isNew = !watched.contains(descriptor)
    guard nova_epoll_set(box.raw(), descriptor, interest.rawValue, isNew ? 1 : 0) == 0 else {
      return false
    }
    watched.insert(descriptor)
    return true
  }

  /// Looks at it no more. Calls `epoll_ctl(2)`.
  package func forget(_ descriptor: CInt) {
    guard watched.remove(descriptor) != nil else { return }
    _ = nova_epoll_remove(box.raw(), descriptor)
  }

  /// Looks at none any more.
  package func cancel() {
    source?.cancel()
    source = nil
    watched = []
  }

  private func round(_ serve: (CInt, Interest) -> Void) {
    // SAFETY: `found` outlives the call and has room for that many.
    let count = unsafe nova_epoll_ready(box.raw(), &found, Int32(found.count))
    guard count > 0 else { return }
    for ready in found.prefix(Int(count)) where watched.contains(ready.fd) {
      serve(ready.fd, Interest(rawValue: ready.events))
    }
  }
}
