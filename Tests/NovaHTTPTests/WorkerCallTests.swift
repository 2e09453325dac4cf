// The whole way of a worker's identity without a supervisor: a process in a network of its own calls, and the handler knows
// who it is. Must never leave the process.

import Glibc
import NovaHTTP
import NovaModel
import Testing

@testable import NovaLinux

@Suite struct WorkerCallTests {
  /// A process with a way to the gateway, and its listener.
  private final class Caller {
    let pid: Int32
    let listener: DescriptorBox

    /// Nil where a network of its own is not allowed.
    init?(_ code: String) throws {
      var order = SpawnOrder(
        slot: "outreach@1", incarnation: 1, arguments: ["python3", "-ISc", code],
        environment: ["PATH=/usr/bin:/bin"])
      order.network = .gateway
      let null = try Descriptor.null()
      let child = try order.start(stdio: (null.raw(), null.raw(), null.raw()), group: -1)
      pid = child.pid
      var said = SpawnReport.nothing
      // First that it shares nothing with us any more; what it was given has to be there until then.
      var isApart = false
      repeat {
        var entry = pollfd(fd: child.report.raw(), events: Int16(POLLIN), revents: 0)
        unsafe poll(&entry, 1, 20_000)
        said = SpawnReport.read(child.report)
        isApart = if case .apart = said { true } else { false }
      } while isApart
      withExtendedLifetime((child, null)) {}
      guard case .listener(let box) = said else {
        var status: CInt = 0
        unsafe waitpid(pid, &status, 0)
        return nil
      }
      listener = box
    }

    /// How it ended.
    func end() -> CInt {
      var status: CInt = 0
      while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
      return status
    }
  }

  static let mayUnshare: Bool = {
    guard let caller = try? Caller("") else { return false }
    return caller.end() == 0
  }()

  @Test(
    "the handler of a server knows a process in a network of its own by the listener it came by",
    .enabled(if: mayUnshare, "a network of its own is not allowed here"))
  func call() throws {
    let loop = try EventLoop()
    var seen: [HTTPRequest] = []
    let server = try HTTPServer(loop: loop, address: #require(ListenAddress("127.0.0.1:0"))) {
      seen.append($0.request)
      $0.respond(200, body: Array("you are known".utf8))
    }
    defer { server.close() }
    let caller = try #require(
      try Caller(
        """
        import sys, urllib.request as r
        q = r.Request("http://127.0.0.1:7481/v1/messages", b"{}", {"x-api-key": "somebody else's"})
        sys.exit(0 if r.urlopen(q, timeout=20).read() == b"you are known" else 9)
        """))
    let token = try server.listenAlso(on: caller.listener.duplicate(), as: "outreach")
    let isSeen = try turn(loop, within: .seconds(20)) {
      !seen.isEmpty && server.connectionCount == 0
    }
    #expect(isSeen)
    #expect(seen.map(\.peer) == [.worker("outreach")])
    #expect(seen.first?.path == "/v1/messages" && seen.first?.header("x-api-key") != nil)
    if !isSeen { kill(caller.pid, SIGKILL) }
    #expect(caller.end() == 0)
    token.end()
  }
}
