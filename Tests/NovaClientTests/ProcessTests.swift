// The program itself, as a shell starts it: Ctrl-C and a closed pipe. Must never wait without a deadline.

import Glibc
import NovaWire
import Testing

@testable import NovaClient

@Suite struct ProcessTests {
  /// The program beside the tests' own build products.
  static let program: String? = {
    let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    let path = root + "/.build/debug/novasup"
    return unsafe access(path, X_OK) == 0 ? path : nil
  }()

  private func start(_ words: [String], output: Int32) throws -> pid_t {
    let program = try #require(Self.program)
    var arguments = unsafe ([program] + words).map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    var pid: pid_t = 0
    let code = unsafe posix_spawn(&pid, program, &actions, nil, arguments, environ)
    try #require(code == 0)
    return pid
  }

  private func exitCode(_ pid: pid_t) -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
  }

  /// Waits until the fake has been asked; 10 s is far more than a start takes.
  private func waitForRequest(_ server: FakeServer) -> Bool {
    for _ in 0..<1000 {
      if !server.requests.isEmpty { return true }
      _ = poll(nil, 0, 10)
    }
    return false
  }

  @Test("Ctrl-C exits 130", .enabled(if: ProcessTests.program != nil, "novasup is not built"))
  func interrupt() throws {
    let server = FakeServer(["GET /v1/wait": .silence])
    let pid = try start(["wait", "a", "--socket", server.socket], output: 1)
    #expect(waitForRequest(server))
    kill(pid, SIGINT)
    #expect(exitCode(pid) == 130)
  }

  @Test(
    "a reader that goes away ends it quietly, without SIGPIPE",
    .enabled(if: ProcessTests.program != nil, "novasup is not built"))
  func closedPipe() throws {
    let server = FakeServer(["GET /v1/workers": .json([Rows.running])])
    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    close(ends[0])
    let pid = try start(["ps", "--socket", server.socket], output: ends[1])
    close(ends[1])
    #expect(exitCode(pid) == 0)
  }
}
