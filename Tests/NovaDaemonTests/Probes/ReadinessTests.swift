// Readiness by port, URL and log line. Must never be told twice.

import Glibc
import NovaDaemon
import NovaLinux
import NovaModel
import Testing

@Suite struct ReadinessTests {
  private func append(_ text: String, to path: String, fresh: Bool = false) {
    let file = unsafe open(path, O_CREAT | O_WRONLY | (fresh ? O_TRUNC : O_APPEND), 0o600)
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
    _ = close(file)
  }

  @Test("a URL that answers 503 at first is ready when it answers 200, told once")
  func url() throws {
    let loop = try EventLoop()
    let listener = try Listener()
    let target = try ProbeTarget.parse(http: "http://127.0.0.1:\(listener.port)/")
    var told = 0
    let watch = try ReadinessWatch(
      loop: loop, prober: Prober(loop: loop), sign: .probe(target), completion: { told += 1 })
    var asked = 0
    try turn(loop) {
      let status = asked < 2 ? "503 Busy" : "200 OK"
      asked += listener.answer("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
      return told > 0
    }
    #expect(told == 1)
    #expect(asked == 3)
    watch.cancel()
  }

  @Test("a port that is refused at first")
  func port() throws {
    let loop = try EventLoop()
    let prober = try Prober(loop: loop)
    var told = 0
    let free = try Listener().port
    let watch = try ReadinessWatch(
      loop: loop, prober: prober, sign: .probe(.parse(tcp: "\(free)")), completion: { told += 1 })
    let later = Clock.now().instant + .milliseconds(150)
    try turn(loop) { Clock.now().instant >= later }
    #expect(told == 0)
    watch.cancel()
    let listener = try Listener()
    let second = try ReadinessWatch(
      loop: loop, prober: prober, sign: .probe(.parse(tcp: "\(listener.port)")),
      completion: { told += 1 })
    try turn(loop) { told > 0 }
    #expect(told == 1)
    second.cancel()
  }

  @Test("a line after the offset, in a file that comes later and is shortened meanwhile")
  func line() throws {
    let loop = try EventLoop()
    let scratch = try Scratch()
    let path = scratch.path + "/log"
    var told = 0
    append("server ready\n", to: path)
    let watch = try ReadinessWatch(
      loop: loop, prober: Prober(loop: loop),
      sign: .line(LinePattern("^server ready$"), path: path, offset: 13), completion: { told += 1 })
    append("starting\n", to: path)
    var later = Clock.now().instant + .milliseconds(150)
    try turn(loop) { Clock.now().instant >= later }
    #expect(told == 0)
    append("short\n", to: path, fresh: true)
    later = Clock.now().instant + .milliseconds(300)
    try turn(loop) { Clock.now().instant >= later }
    append("server re", to: path)
    later = Clock.now().instant + .milliseconds(300)
    try turn(loop) { Clock.now().instant >= later }
    #expect(told == 0)
    append("ady\n", to: path)
    try turn(loop) { told > 0 }
    #expect(told == 1)
    watch.cancel()
  }

  @Test("a cancelled watch says nothing, and a pattern that costs too much is counted")
  func cancelled() throws {
    let loop = try EventLoop()
    let scratch = try Scratch()
    let path = scratch.path + "/log"
    append(String(repeating: "a", count: 60) + "b\n", to: path)
    var told = 0
    let watch = try ReadinessWatch(
      loop: loop, prober: Prober(loop: loop),
      sign: .line(LinePattern("(a+)+$"), path: path, offset: 0), completion: { told += 1 })
    try turn(loop) { watch.costlyLines == 1 }
    #expect(watch.costlyLines == 1)
    watch.cancel()
    append("aaa\n", to: path)
    let later = Clock.now().instant + .milliseconds(200)
    try turn(loop) { Clock.now().instant >= later }
    #expect(told == 0)
  }
}
