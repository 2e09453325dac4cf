// TCP connections to the outside for whoever relays bytes: names are looked up by libcurl in a thread of its own, and every
// address is judged before it gets a socket. Must never block, send a byte, or connect to where it was not allowed.

internal import CCurl
internal import Glibc
package import NovaLinux
package import NovaModel

/// What a dial may lead to, whatever the name resolves to.
package enum DialReach: Sendable, Hashable {
  /// Addresses of the internet alone.
  case global
  /// Loopback addresses alone: for who names one by its number.
  case loopback
}

/// What came of a dial.
package enum DialOutcome {
  /// A connected socket, non-blocking and close-on-exec.
  case connected(DescriptorBox)
  /// Every address of it was refused.
  case forbidden
  /// No address, nobody there, or nobody in time, in libcurl's words.
  case failed(String, isLate: Bool)
}

/// Makes connections. Belongs to the loop's thread.
@safe package final class Dialler {
  private let transfers: TransferLoop

  /// Makes one.
  package init(loop: EventLoop) throws(SystemError) {
    transfers = try TransferLoop(loop: loop) { end in
      guard let object = unsafe end.object else { return }
      unsafe Unmanaged<Dial>.fromOpaque(object).takeUnretainedValue().ended(end.code)
    }
  }

  /// Begins to connect to a name or a numeric address without brackets. `completion` is called once, never before this
  /// returns, unless the dial is cancelled. Nil without memory.
  package func dial(
    _ host: String, _ port: UInt16, reach: DialReach, within limit: Span,
    completion: @escaping (DialOutcome) -> Void
  ) -> Dial? {
    let dial = Dial(reach, transfers, completion)
    let url = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)/"
    return dial.begin(url, within: limit) ? dial : nil
  }
}

/// One connection that is being made; it lives until it is over, whoever holds it.
@safe package final class Dial {
  private let reach: DialReach
  private weak var transfers: TransferLoop?
  private var completion: ((DialOutcome) -> Void)?
  private var easy: UnsafeMutableRawPointer?
  private let callbacks: UnsafeMutablePointer<nova_curl_dialled>
  /// Addresses that were refused, and that were not.
  private var refused = 0
  private var allowed = 0

  fileprivate init(
    _ reach: DialReach, _ transfers: TransferLoop, _ completion: @escaping (DialOutcome) -> Void
  ) {
    self.reach = reach
    self.transfers = transfers
    self.completion = completion
    unsafe callbacks = .allocate(capacity: 1)
    unsafe callbacks.initialize(to: nova_curl_dialled())
  }

  fileprivate func begin(_ url: String, within limit: Span) -> Bool {
    guard let transfers else { return false }
    let object = unsafe Unmanaged.passRetained(self)
    // SAFETY: the callback gets the object that is retained here and released in `release`.
    unsafe callbacks.pointee.object = object.toOpaque()
    unsafe callbacks.pointee.allows = { object, bytes, count in
      guard let object = unsafe object, let bytes = unsafe bytes else { return 0 }
      let address = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: Int(count)))
      return unsafe Unmanaged<Dial>.fromOpaque(object).takeUnretainedValue().allows(address) ? 1 : 0
    }
    guard let made = unsafe nova_curl_dial(url, max(1, limit.wholeMilliseconds), callbacks) else {
      unsafe object.release()
      return false
    }
    guard unsafe nova_curl_add(transfers.multi, made) != 0 else {
      unsafe nova_curl_easy_end(made)
      unsafe object.release()
      return false
    }
    unsafe easy = made
    return true
  }

  private func allows(_ address: [UInt8]) -> Bool {
    let isAllowed =
      switch reach {
      case .global: AddressKind(address) == .global
      case .loopback: AddressKind(address) == .loopback
      }
    if isAllowed { allowed += 1 } else { refused += 1 }
    return isAllowed
  }

  /// Ends it without an outcome; harmless when it is over.
  package func cancel() {
    completion = nil
    release()
  }

  fileprivate func ended(_ code: Int32) {
    let completion = self.completion
    self.completion = nil
    let outcome = outcome(code)
    release()
    completion?(outcome)
  }

  private func outcome(_ code: Int32) -> DialOutcome {
    guard code == Int32(CURLE_OK.rawValue) else {
      if refused > 0, allowed == 0, code == Int32(CURLE_COULDNT_CONNECT.rawValue) {
        return .forbidden
      }
      let words = unsafe nova_curl_reason(code).map { unsafe String(cString: $0).lowercased() }
      return .failed(
        words ?? "error \(code)", isLate: code == Int32(CURLE_OPERATION_TIMEDOUT.rawValue))
    }
    guard let easy = unsafe self.easy else { return .failed("it was cancelled", isLate: false) }
    let number = unsafe nova_curl_connected(easy)
    guard number >= 0 else { return .failed("it ended at once", isLate: false) }
    // Before it becomes ours: the loop would go on looking at it under libcurl's name.
    transfers?.forget(number)
    let mine = nova_curl_take(number)
    guard mine >= 0 else { return .failed(SystemError.text(of: errno), isLate: false) }
    return .connected(DescriptorBox(Descriptor(mine)))
  }

  private func release() {
    guard let easy = unsafe self.easy else { return }
    unsafe self.easy = nil
    let object = unsafe Unmanaged.passUnretained(self)
    // SAFETY: a multi handle that is gone has let go of its transfers.
    guard let transfers else {
      unsafe nova_curl_easy_end(easy)
      return unsafe object.release()
    }
    transfers.whenFree { [multi = unsafe transfers.multi] in
      unsafe nova_curl_drop(multi, easy)
      unsafe object.release()
    }
  }

  deinit {
    unsafe callbacks.deinitialize(count: 1)
    unsafe callbacks.deallocate()
  }
}
