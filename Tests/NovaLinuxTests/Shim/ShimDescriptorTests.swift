// Births share the shim's table of descriptors for a moment: what a child takes with it, and what is left of it here.
// Must never pass without a child having run.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("descriptors of births", .enabled(if: Host.shim != nil, "nova-shim is not built"))
struct ShimDescriptorTests {
  @Test("nothing stays open of births, whether they succeed, fail or are killed at once")
  func comeBack() throws {
    let shim = try ShimFixture()
    try shim.spawn(shim.shell("first@1", "exit 0"))
    _ = try shim.exit("first@1")
    let before = shim.descriptorCount
    for number in 1...40 {
      try shim.spawn(shim.shell("good@\(number)", "exit 0"))
      try shim.spawn(
        SpawnOrder(
          slot: "bad@\(number)", incarnation: 1, arguments: ["/nowhere/at/all"], environment: []))
      // Together with its order: many of them die before they have done anything.
      try shim.spawn(shim.shell("dead@\(number)", "exec sleep 600"))
      try shim.client.send(.signal(slot: "dead@\(number)", incarnation: 1, signal: SIGKILL))
    }
    for number in 1...40 {
      #expect(try shim.exit("good@\(number)").status == .exited(0))
      #expect(try shim.failure("bad@\(number)") == SpawnFailure(.exec, ENOENT))
      #expect(
        try shim.exit("dead@\(number)").status == .signaled(SIGKILL, coreDumped: false))
    }
    let deadline = Clock.now().instant + .seconds(20)
    while shim.descriptorCount > before, remaining(deadline) > 0 { poll(nil, 0, 5) }
    #expect(shim.descriptorCount == before)
  }

  @Test("notify sockets are out of the way of births")
  func high() throws {
    let shim = try ShimFixture()
    let path = shim.directory.path + "/notify/a"
    try shim.client.send(.openNotify(worker: "a", path: path, uid: geteuid(), gid: getegid()))
    _ = try shim.notifySocket("a")
    #expect(Self.numbers(of: shim.pid).filter { $0 >= 1024 }.count == 1)
    let output = try shim.spawn(
      SpawnOrder(
        slot: "a@1", incarnation: 1, arguments: ["/bin/ls", "/proc/self/fd"], environment: []))
    // 3 is the directory that it reads.
    #expect(try output.readAll() == "0\n1\n2\n3\n")
  }

  private static func numbers(of pid: Int32) -> [Int] {
    guard let directory = unsafe opendir("/proc/\(pid)/fd") else { return [] }
    defer { unsafe closedir(directory) }
    var numbers: [Int] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if let number = Int(name) { numbers.append(number) }
    }
    return numbers
  }
}
