// libcurl's multi interface on the event loop: its sockets and its timer become sources, and each finished transfer is
// told once. Must never block, and never knows what a transfer is for.

internal import CCurl
internal import Glibc
package import NovaLinux
internal import NovaModel

/// Runs transfers. Belongs to the loop's thread.
@safe package final class TransferLoop {
  /// How a transfer ended.
  @safe package struct End {
    /// What the transfer carries.
    package let object: UnsafeMutableRawPointer?
    /// A CURLcode.
    package let code: Int32
    /// The HTTP status, or the last answer of SMTP; 0 when there was none.
    package let status: Int32
    /// The errno of a failed connect; 0 when there was none.
    package let error: Int32
  }

  /// The multi handle, for what begins and drops transfers.
  package let multi: UnsafeMutableRawPointer
  private let loop: EventLoop
  private let hooks: UnsafeMutablePointer<nova_curl_hooks>
  private var wake: Timer?
  private var sockets: DescriptorSet?
  private let finished: (End) -> Void
  /// libcurl is on the stack: it refuses a transfer that one of its own callbacks begins or drops.
  package private(set) var isActing = false
  private var postponed: [() -> Void] = []

  /// Makes one; `finished` may begin and drop transfers. Calls `curl_multi_init(3)`, which
  /// loads the library when it is the first.
  package init(
    loop: EventLoop, finished: @escaping (End) -> Void
  ) throws(SystemError) {
    self.loop = loop
    self.finished = finished
    unsafe hooks = .allocate(capacity: 1)
    unsafe hooks.initialize(to: nova_curl_hooks())
    guard let made = unsafe nova_curl_multi(hooks) else {
      unsafe hooks.deallocate()
      throw SystemError(
        call: "make a multi handle of", number: unsafe nova_libcurl() == nil ? ENOENT : ENOMEM,
        subject: "libcurl")
    }
    unsafe multi = unsafe made
    // SAFETY: the owner is not retained; deinit takes it out before the multi handle goes.
    unsafe hooks.initialize(
      to: nova_curl_hooks(
        owner: Unmanaged.passUnretained(self).toOpaque(),
        watch: { owner, descriptor, what in
          guard let owner = unsafe owner else { return }
          unsafe Unmanaged<TransferLoop>.fromOpaque(owner).takeUnretainedValue()
            .watch(descriptor, what)
        },
        timer: { owner, wait in
          guard let owner = unsafe owner else { return }
          unsafe Unmanaged<TransferLoop>.fromOpaque(owner).takeUnretainedValue().arm(wait)
        }))
    wake = try loop.timer { [weak self] in self?.act(-1, 0) }
    sockets = try DescriptorSet(loop) { [weak self] in self?.serve($0, $1) }
  }

  private func watch(_ descriptor: CInt, _ what: CInt) {
    if what == 4 {
      sockets?.forget(descriptor)
      return
    }
    var interest: Interest = []
    if what & 1 != 0 { interest.insert(.readable) }
    if what & 2 != 0 { interest.insert(.writable) }
    // Without memory for a watch the transfer ends by its own timeout.
    sockets?.watch(descriptor, interest)
  }

  private func serve(_ descriptor: CInt, _ ready: Interest) {
    var bits: CInt = 0
    if ready.contains(.readable) || ready.contains(.hangup) { bits |= 1 }
    if ready.contains(.writable) { bits |= 2 }
    if ready.contains(.error) { bits |= 4 }
    act(descriptor, bits)
  }

  /// Looks at a descriptor no more that somebody takes from libcurl.
  func forget(_ descriptor: CInt) { watch(descriptor, 4) }

  private func arm(_ wait: Int64) {
    // A call too many of libcurl is cheaper than to tell the kernel of each time that is put off.
    if wait >= 0 { wake?.arm(at: Clock.now().instant + .milliseconds(wait), lazily: true) }
  }

  /// Runs what begins or drops a transfer: at once, or as soon as libcurl's callbacks have returned.
  package func whenFree(_ action: @escaping () -> Void) {
    if isActing { postponed.append(action) } else { action() }
  }

  private func act(_ descriptor: CInt, _ bits: CInt) {
    inside { unsafe nova_curl_act(multi, descriptor, bits) }
    var end = unsafe nova_curl_end()
    while unsafe nova_curl_finished(multi, &end) != 0 {
      unsafe finished(
        End(object: end.object, code: end.code, status: end.status, error: end.error))
    }
  }

  /// Calls libcurl, then does what its callbacks have put off.
  package func inside(_ call: () -> Void) {
    isActing = true
    call()
    isActing = false
    while !postponed.isEmpty {
      let actions = postponed
      postponed = []
      for action in actions { action() }
    }
  }

  deinit {
    unsafe hooks.pointee.owner = nil
    sockets?.cancel()
    unsafe nova_curl_multi_end(multi)
    unsafe hooks.deinitialize(count: 1)
    unsafe hooks.deallocate()
  }
}
