// Makes probes on the event loop and tells each one's outcome once. Must never block, follow a redirect, resolve a
// name or connect to anything but loopback.

internal import CCurl
internal import Glibc
internal import NovaHTTP
package import NovaLinux
package import NovaModel

/// One look under way.
package final class Probe {
  var end: (() -> Void)?
  var completion: ((ProbeOutcome) -> Void)?
  let timeout: Span

  init(timeout: Span, _ completion: @escaping (ProbeOutcome) -> Void) {
    self.timeout = timeout
    self.completion = completion
  }

  /// Ends it without an outcome; harmless when it is over.
  package func cancel() {
    completion = nil
    let end = self.end
    self.end = nil
    end?()
  }

  func finish(_ outcome: ProbeOutcome) {
    let completion = self.completion
    cancel()
    completion?(outcome)
  }
}

/// Looks at ports and URLs of this machine. One serves a whole daemon; belongs to the loop's thread.
@safe package final class Prober {
  private let loop: EventLoop
  /// There is one from the first look at a URL on: it loads libcurl, which most fleets never need.
  private var transfers: TransferLoop?
  private var soon: Timer?
  private var refused: [(Probe, String)] = []

  /// Makes one.
  package init(loop: EventLoop) throws(SystemError) {
    self.loop = loop
    soon = try loop.timer { [weak self] in self?.tellRefused() }
  }

  /// Begins a look. `completion` is called once, never before this returns, unless the probe is cancelled.
  package func start(
    _ target: ProbeTarget, timeout: Span, completion: @escaping (ProbeOutcome) -> Void
  ) -> Probe {
    let probe = Probe(timeout: timeout, completion)
    switch target {
    case .tcp(let place): connect(probe, place)
    case .http(let url): look(probe, url)
    }
    return probe
  }

  private func refuse(_ probe: Probe, _ reason: String) {
    refused.append((probe, reason))
    soon?.arm(at: Clock.now().instant)
  }

  private func tellRefused() {
    let told = refused
    refused = []
    for (probe, reason) in told { probe.finish(.failed(reason)) }
  }

  // MARK: Ports

  private func connect(_ probe: Probe, _ place: ProbeTarget.Loopback) {
    do throws(SystemError) {
      let number = try checked("make a socket", "") {
        nova_probe_socket(place.address == nil ? 1 : 0)
      }
      let descriptor = DescriptorBox(Descriptor(number))
      if Prober.connect(number, place) != 0, errno != EINPROGRESS {
        refuse(probe, ProbeWords.reason(errno))
        return
      }
      let source = try loop.watch(number, .writable) { [weak probe] _ in
        var error: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        // SAFETY: both outlive the call.
        let asked = unsafe getsockopt(descriptor.raw(), SOL_SOCKET, SO_ERROR, &error, &size)
        probe?.finish(asked == 0 && error == 0 ? .ok : .failed(ProbeWords.reason(error)))
      }
      let timer = try loop.timer { [weak probe] in
        guard let probe else { return }
        probe.finish(.failed(ProbeWords.timedOut(probe.timeout)))
      }
      timer.arm(at: Clock.now().instant + probe.timeout)
      // The cycle holds the probe until it is over: nobody else has to.
      probe.end = { [probe] in
        _ = probe
        source.cancel()
        timer.disarm()
      }
    } catch {
      refuse(probe, error.message)
    }
  }

  private static func connect(_ descriptor: CInt, _ place: ProbeTarget.Loopback) -> CInt {
    // SAFETY: the addresses outlive the calls and have the sizes that are said.
    guard let address = place.address else {
      var six = sockaddr_in6()
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = place.port.bigEndian
      six.sin6_addr = in6addr_loopback
      return unsafe withUnsafePointer(to: &six) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
    var four = sockaddr_in()
    four.sin_family = sa_family_t(AF_INET)
    four.sin_port = place.port.bigEndian
    four.sin_addr.s_addr = address.bigEndian
    return unsafe withUnsafePointer(to: &four) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  // MARK: URLs

  private func transferLoop() throws(SystemError) -> TransferLoop {
    if let transfers { return transfers }
    let made = try TransferLoop(loop: loop) { end in
      guard let object = unsafe end.object else { return }
      let probe = unsafe Unmanaged<Probe>.fromOpaque(object).takeUnretainedValue()
      let outcome = ProbeWords.outcome(
        code: end.code, status: end.status, error: end.error, timeout: probe.timeout)
      probe.finish(outcome)
    }
    transfers = made
    return made
  }

  private func look(_ probe: Probe, _ url: String) {
    let transfers: TransferLoop
    do throws(SystemError) {
      transfers = try transferLoop()
    } catch {
      return refuse(probe, error.message)
    }
    let object = unsafe Unmanaged.passRetained(probe)
    let wait = max(1, probe.timeout.wholeMilliseconds)
    guard let easy = unsafe nova_curl_look(transfers.multi, url, wait, object.toOpaque()) else {
      unsafe object.release()
      refuse(probe, "the check cannot be made")
      return
    }
    probe.end = { [weak transfers] in
      // SAFETY: `end` runs once; a multi handle that is gone has let go of its transfers.
      if let transfers {
        unsafe nova_curl_drop(transfers.multi, easy)
      } else {
        unsafe nova_curl_easy_end(easy)
      }
      unsafe object.release()
    }
  }
}
