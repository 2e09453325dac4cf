// Placement where the kernel refuses it at birth, program search, and small facts about processes.
// Must never leave a child: each is reaped in its test.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("starting a process")
struct SpawnTests {
  /// A v1 hierarchy: clone3 refuses it with EBADF, so it stands for every kernel that cannot place at birth.
  static let legacy: String? = {
    let path = "/sys/fs/cgroup/pids/nova-test-\(getpid())"
    guard unsafe mkdir(path, 0o755) == 0 else { return nil }
    unsafe rmdir(path)
    return path
  }()

  @Test(
    "where it cannot be born in its group, moves it there before it executes",
    .enabled(if: legacy != nil, "no writable cgroup v1 hierarchy"))
  func moved() throws {
    let path = try #require(Self.legacy) + "-moved"
    unsafe mkdir(path, 0o755)
    defer { unsafe rmdir(path) }
    let group = DescriptorBox(Descriptor(unsafe open(path, O_RDONLY | O_CLOEXEC)))
    let ends = try makePipe()
    var write: DescriptorBox? = ends.write
    let order = SpawnOrder(
      slot: "a@1", incarnation: 1, arguments: ["/bin/cat", "/proc/self/cgroup"], environment: [])
    let number = ends.write.raw()
    let (pid, report) = try order.startApart(
      stdio: (number, number, number), group: group.raw())
    write = nil
    _ = write
    var status: CInt = 0
    #expect(unsafe waitpid(pid, &status, 0) == pid)
    #expect(status == 0)
    #expect(try report.readAll() == "")
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe read(ends.read.raw(), &bytes, bytes.count)
    let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    let name = String(path.split(separator: "/").last ?? "")
    #expect(text.contains("pids:/\(name)\n"))
  }

  @Test("a limit on open files below the numbers in use here does not keep it from its own three")
  func fewFiles() throws {
    // As under a shim of 1,000 workers: every number below the worker's limit is taken.
    var held: [DescriptorBox] = []
    for _ in 0..<80 {
      held.append(DescriptorBox(Descriptor(unsafe open("/dev/null", O_RDWR | O_CLOEXEC))))
    }
    let null = try #require(held.last)
    var order = SpawnOrder(
      slot: "a@1", incarnation: 1, arguments: ["/bin/sh", "-c", "ulimit -n | grep -qx 16"],
      environment: [])
    order.rlimits = [ResourceLimit(resource: ResourceLimit.files, soft: 16, hard: 16)]
    let (pid, report) = try order.startApart(stdio: (null.raw(), null.raw(), null.raw()))
    var status: CInt = 0
    #expect(unsafe waitpid(pid, &status, 0) == pid)
    #expect(status == 0)
    #expect(try report.readAll() == "")
  }

  @Test("a child puts its three where they belong in a table of its own, not in ours")
  func apart() throws {
    func own() -> [ino_t] {
      (0..<3).map { number in
        var status = Glibc.stat()
        _ = unsafe fstat(CInt(number), &status)
        return status.st_ino
      }
    }
    let before = own()
    let ends = try makePipe()
    let order = SpawnOrder(
      slot: "a@1", incarnation: 1, arguments: ["/bin/echo", "here"], environment: [])
    let number = ends.write.raw()
    let (pid, report) = try order.startApart(stdio: (number, number, number))
    var status: CInt = 0
    #expect(unsafe waitpid(pid, &status, 0) == pid)
    #expect(status == 0)
    #expect(try report.readAll() == "")
    #expect(own() == before)
    var bytes = [UInt8](repeating: 0, count: 16)
    #expect(unsafe read(ends.read.raw(), &bytes, bytes.count) == 5)
  }

  @Test("in what is no cgroup at all fails at that stage and leaves no child")
  func notAGroup() throws {
    let group = DescriptorBox(Descriptor(unsafe open("/tmp", O_RDONLY | O_CLOEXEC)))
    let null = DescriptorBox(Descriptor(unsafe open("/dev/null", O_RDWR | O_CLOEXEC)))
    let order = SpawnOrder(
      slot: "a@1", incarnation: 1, arguments: ["/bin/true"], environment: [])
    let error = #expect(throws: SpawnFailure.self) {
      _ = try order.start(
        stdio: (null.raw(), null.raw(), null.raw()), group: group.raw())
    }
    #expect(error == SpawnFailure(.cgroup, ENOENT))
  }

  @Test("tells the stages apart by the numbers of the C side")
  func stages() {
    let failures = SpawnStage.allCases.indices.map {
      SpawnFailure(report: [UInt8($0), 0, 0, 0, 13, 0, 0, 0])
    }
    #expect(failures.map { $0?.stage } == SpawnStage.allCases)
    #expect(SpawnStage.allCases[15] == .exec && SpawnStage.allCases[16] == .prepare)
    #expect(SpawnStage.allCases[17] == .network)
    #expect(SpawnFailure(report: [18, 0, 0, 0, 13, 0, 0, 0]) == nil)
    #expect(SpawnFailure(report: [255, 255, 255, 255, 13, 0, 0, 0]) == nil)
    #expect(SpawnFailure(report: []) == nil)
    #expect(SpawnFailure(report: [1, 0, 0, 0]) == nil)
  }

  @Test(
    "looks for a program without a slash in the worker's PATH only",
    arguments: [
      ("/bin/x", ["PATH=/a"], ["/bin/x"]), ("./x", ["PATH=/a"], ["./x"]),
      ("x", ["PATH=/a:/b"], ["/a/x", "/b/x"]), ("x", ["PATH="], []),
      ("x", ["PATH=/a::.:b:/c"], ["/a/x", "/c/x"]),
      ("x", ["XPATH=/a"], ["/usr/local/bin/x", "/usr/bin/x", "/bin/x"]),
    ] as [(String, [String], [String])])
  func candidates(program: String, environment: [String], expected: [String]) {
    let order = SpawnOrder(
      slot: "a@1", incarnation: 1, arguments: [program], environment: environment)
    #expect(order.candidates(for: program) == expected)
  }

  @Test("knows capabilities by name, with or without the prefix")
  func names() throws {
    #expect(try capabilityMask(names: []) == 0)
    #expect(try capabilityMask(names: ["chown", "CAP_SYS_ADMIN"]) == 1 | 1 << 21)
    for wrong in ["", "cap_", "root", "cap_cap_chown"] {
      let error = #expect(throws: SystemError.self) { _ = try capabilityMask(names: [wrong]) }
      #expect(error?.message == "cannot resolve \(wrong): no such capability" || wrong.isEmpty)
    }
  }

  @Test("is the same process as long as number and start agree")
  func identity() throws {
    let own = try #require(ProcessIdentity.of(getpid()))
    #expect(own == ProcessIdentity.of(getpid()))
    #expect(own.startTicks > 0)
    #expect(ProcessIdentity.of(0) == nil)
    #expect(ProcessIdentity.of(-1) == nil)
    #expect(ProcessIdentity.of(.max) == nil)
  }

  @Test(
    "reads the start from field 22 whatever the name is",
    arguments: [
      ("1 (a) S 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 77 8 9", 77),
      ("1 (a) b) S 1) S 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 77 8 9", 77),
      ("1 (a) (b c)) S 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 77 8 9", 77),
      ("1 (a) S 1 1", nil), ("", nil), (")", nil),
    ] as [(String, UInt64?)])
  func stat(line: String, expected: UInt64?) {
    #expect(ProcessIdentity.startTicks(inStat: Array(line.utf8)[...]) == expected)
  }
}
