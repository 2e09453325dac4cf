// Waits for the first sign that an instance is ready: a port, a URL, or a line in its log file. Tells it once.
// Must never give up by itself: the start timeout is the lifecycle's.

internal import Glibc
package import NovaLinux
internal import NovaModel

/// Looks for readiness every 100 ms, growing to every second. Belongs to the loop's thread.
package final class ReadinessWatch {
  /// Where to look.
  package enum Sign {
    case probe(ProbeTarget)
    /// A line after `offset` bytes of the file at `path`. A shortened file is read from its start; one that is not
    /// there yet is waited for.
    case line(LinePattern, path: String, offset: UInt64)
  }

  private let sign: Sign
  private let prober: Prober
  private var completion: (() -> Void)?
  private var timer: Timer?
  private var probe: Probe?
  private var wait = Span.milliseconds(100)
  private var cutter = LineCutter()
  private var offset: UInt64 = 0
  /// Lines whose look was given up because the pattern costs too much: worth a warning.
  package private(set) var costlyLines = 0

  /// Begins at once; `completion` is called once, never before this returns, unless cancelled.
  package init(
    loop: EventLoop, prober: Prober, sign: Sign, completion: @escaping () -> Void
  ) throws(SystemError) {
    self.sign = sign
    self.prober = prober
    self.completion = completion
    if case .line(_, _, let offset) = sign { self.offset = offset }
    timer = try loop.timer { [weak self] in self?.look() }
    timer?.arm(at: Clock.now().instant)
  }

  /// Ends it without a call; harmless when repeated.
  package func cancel() {
    completion = nil
    timer?.disarm()
    probe?.cancel()
    probe = nil
  }

  deinit { cancel() }

  private func look() {
    switch sign {
    case .probe(let target):
      // 5 s: a slow first answer is an answer, and the start timeout bounds it all.
      probe = prober.start(target, timeout: .seconds(5)) { [weak self] outcome in
        self?.looked(outcome == .ok)
      }
    case .line(let pattern, let path, _):
      looked(readOn(pattern, path))
    }
  }

  private func looked(_ found: Bool) {
    probe = nil
    guard found else {
      timer?.arm(at: Clock.now().instant + wait)
      wait = min(wait + wait, .seconds(1))
      return
    }
    let call = completion
    cancel()
    call?()
  }

  /// Reads what was appended and looks at its lines; after 5 ms the rest waits for the next look.
  private func readOn(_ pattern: LinePattern, _ path: String) -> Bool {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard number >= 0 else { return false }
    let file = Descriptor(number)
    var status = stat()
    // A pipe or a device in its place could keep the loop waiting.
    guard unsafe fstat(file.raw(), &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return false
    }
    if UInt64(clamping: status.st_size) < offset {
      offset = 0
      cutter = LineCutter()
    }
    let enough = Clock.now().instant + .milliseconds(5)
    // 4 KiB a time: a hundred lines at the pattern's limit are as long as the loop may be held up.
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
      // SAFETY: `room` outlives the call and is as long as is said.
      let count = unsafe room.withUnsafeMutableBytes {
        unsafe pread(file.raw(), $0.baseAddress, $0.count, off_t(clamping: offset))
      }
      guard count > 0 else { return false }
      offset += UInt64(count)
      wait = .milliseconds(100)
      let found = cutter.feed(room[..<count]) { line in
        let verdict = pattern.look(at: line)
        if verdict == .tooCostly { costlyLines += 1 }
        return verdict == .matches
      }
      if found { return true }
      if Clock.now().instant >= enough {
        wait = .milliseconds(10)
        return false
      }
    }
  }
}
