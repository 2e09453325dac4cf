// What a worker finds when it begins, and what becomes of a start that fails. Real processes, seen from inside.
// Must never pass without a child having run.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("a child of the shim", .enabled(if: Host.shim != nil, "nova-shim is not built"))
struct ShimChildTests {
  @Test("starts, exits and is reported with its exit code", arguments: [Int32(0), 1, 42, 255])
  func exitCodes(code: Int32) throws {
    let shim = try ShimFixture()
    try shim.spawn(shim.shell("a@1", "exit \(code)"))
    let pid = try shim.started("a@1")
    let exit = try shim.exit("a@1")
    #expect(exit.status == .exited(code))
    #expect(exit.pid == pid)
    #expect(exit.atMonotonic <= Clock.now().instant)
  }

  @Test("is reported with the signal that ended it", arguments: [SIGTERM, SIGKILL, SIGUSR1])
  func signals(number: Int32) throws {
    let shim = try ShimFixture()
    try shim.spawn(shim.shell("a@1", "exec sleep 600"))
    _ = try shim.started("a@1")
    try shim.client.send(.signal(slot: "a@1", incarnation: 1, signal: number))
    let status = try shim.exit("a@1").status
    #expect(status == .signaled(number, coreDumped: false))
  }

  @Test("is told to have begun before the first that it has said")
  func began() throws {
    let shim = try ShimFixture()
    let before = Clock.now().instant.nanoseconds
    let output = try shim.spawn(
      SpawnOrder(
        slot: "a@1", incarnation: 1,
        arguments: ["python3", "-SEc", "import time; print(time.monotonic_ns())"],
        environment: ["PATH=/usr/local/bin:/usr/bin:/bin"]))
    let began: UInt64 = try shim.wait("its start") { report in
      if case .started("a@1", _, _, let began) = report { began } else { nil }
    }
    let said = try #require(UInt64(try output.readAll().dropLast()))
    #expect(before <= began && began < said)
  }

  @Test("has no signal blocked or ignored, leads its session and has three descriptors only")
  func clean() throws {
    let shim = try ShimFixture()
    let output = try shim.spawn(
      SpawnOrder(
        slot: "a@1", incarnation: 1,
        arguments: [
          "python3", "-SEc",
          """
          import os, sys
          say = lambda *words: sys.stdout.write(' '.join(map(str, words)) + '\\n')
          say(open('/proc/self/status').read())
          say('SESSION', os.getsid(0) == os.getpid(), 'CWD', os.getcwd())
          say('UMASK', oct(os.umask(0)), 'OOM', open('/proc/self/oom_score_adj').read().strip())
          say('FDS', [f for f in range(3, 1024) if os.path.exists('/proc/self/fd/%d' % f)])
          """,
        ], environment: ["PATH=/usr/local/bin:/usr/bin:/bin"]))
    _ = try shim.started("a@1")
    let text = try output.readAll()
    #expect(text.contains("SigBlk:\t0000000000000000\n"))
    #expect(text.contains("NoNewPrivs:\t1\n"))
    #expect(text.contains("SESSION True CWD /\n"))
    #expect(text.contains("UMASK 0o22 OOM 0\n"))
    #expect(text.contains("FDS []\n"))
    // Python ignores SIGPIPE by itself, cat does not.
    let second = try shim.spawn(
      SpawnOrder(
        slot: "c@1", incarnation: 1, arguments: ["/bin/cat", "/proc/self/status"], environment: []))
    #expect(try second.readAll().contains("SigIgn:\t0000000000000000\n"))
  }

  @Test("gets its limits, umask, nice and oom score")
  func attributes() throws {
    let shim = try ShimFixture()
    var order = shim.shell(
      "a@1", "ulimit -n; ulimit -Hn; umask; nice; cat /proc/self/oom_score_adj")
    order.rlimits = [ResourceLimit(resource: ResourceLimit.files, soft: 123, hard: 456)]
    order.umask = 0o077
    order.nice = 7
    order.oomScoreAdjust = 300
    let output = try shim.spawn(order)
    #expect(try output.readAll() == "123\n456\n0077\n7\n300\n")
  }

  static let failures: [(String, [String], String?, SpawnFailure)] = [
    ("missing", ["/nonexistent/worker"], nil, SpawnFailure(.exec, ENOENT)),
    ("nowhere in PATH", ["no-such-program-here"], nil, SpawnFailure(.exec, ENOENT)),
    ("a directory", ["/tmp"], nil, SpawnFailure(.exec, EACCES)),
    ("not executable", ["/etc/passwd"], nil, SpawnFailure(.exec, EACCES)),
    ("no such directory", ["/bin/true"], "/nonexistent", SpawnFailure(.directory, ENOENT)),
    ("a file as directory", ["/bin/true"], "/etc/passwd", SpawnFailure(.directory, ENOTDIR)),
    ("no arguments", [], nil, SpawnFailure(.prepare, EINVAL)),
    ("NUL in an argument", ["/bin/true", "a\0b"], nil, SpawnFailure(.prepare, EINVAL)),
  ]

  @Test("that cannot start says where and why, once, and leaves nothing", arguments: failures)
  func failing(
    name: String, arguments: [String], directory: String?, expected: SpawnFailure
  ) throws {
    let shim = try ShimFixture()
    var order = SpawnOrder(
      slot: "a@1", incarnation: 1, arguments: arguments, environment: ["PATH=/usr/bin:/bin"])
    order.directory = directory
    try shim.spawn(order)
    #expect(try shim.failure("a@1") == expected)
    let left = try shim.list()
    #expect(left.children.isEmpty && left.exits.isEmpty)
  }

  @Test(
    "runs as the user it was told to, with no groups of ours",
    .enabled(if: Host.isRoot, "needs root"))
  func user() throws {
    let shim = try ShimFixture()
    var order = shim.shell("a@1", "id -u; id -g; id -G; grep -E '^Cap(Eff|Amb)' /proc/self/status")
    (order.uid, order.gid) = (65_534, 65_534)
    let output = try shim.spawn(order)
    #expect(
      try output.readAll()
        == "65534\n65534\n65534\nCapEff:\t0000000000000000\nCapAmb:\t0000000000000000\n")
  }

  @Test(
    "keeps exactly the capabilities it was given, as root and as nobody",
    .enabled(if: Host.isRoot, "needs root"), arguments: [UInt32(0), 65_534])
  func capabilities(uid: UInt32) throws {
    let shim = try ShimFixture()
    var order = shim.shell("a@1", "grep -E '^Cap(Prm|Eff|Bnd)' /proc/self/status | cut -f2")
    (order.uid, order.gid) = (uid, uid)
    order.capabilities = try capabilityMask(names: ["net_bind_service"])
    #expect(order.capabilities == 1 << 10)
    let output = try shim.spawn(order)
    let line = "0000000000000400\n"
    #expect(try output.readAll() == line + line + line)
  }

  @Test("with no capability as root has none", .enabled(if: Host.isRoot, "needs root"))
  func noCapabilities() throws {
    let shim = try ShimFixture()
    var order = shim.shell("a@1", "grep -E '^Cap(Eff|Bnd)' /proc/self/status | cut -f2")
    order.capabilities = 0
    let output = try shim.spawn(order)
    #expect(try output.readAll() == "0000000000000000\n0000000000000000\n")
  }

  @Test(
    "without a network has nothing but a loopback that is up",
    .enabled(if: Host.isRoot, "needs root"))
  func network() throws {
    let shim = try ShimFixture()
    var order = shim.shell(
      "a@1", "tail -n +3 /proc/net/dev | cut -d: -f1; cat /sys/class/net/lo/flags")
    order.network = .none
    let output = try shim.spawn(order)
    // /sys shows the network of who mounted it, /proc/net the reader's own.
    #expect(try output.readAll().hasPrefix("    lo\n"))
  }

  @Test(
    "born in its cgroup, and a daemonised grandchild stays there and is reaped",
    .enabled(if: Host.hasCgroup, "no writable cgroup2"))
  func cgroup() throws {
    let shim = try ShimFixture(cgroup: .auto)
    let root = try #require(shim.root)
    unsafe mkdir(root + "/w-a-1", 0o755)
    var order = shim.shell(
      "a@1", "cat /proc/self/cgroup | grep ^0::; (setsid sh -c 'exec tail -f /dev/null' &) ; exit 3"
    )
    order.cgroup = root + "/w-a-1"
    let output = try shim.spawn(order)
    #expect(try shim.exit("a@1").status == .exited(3))
    let procs = contents(root + "/w-a-1/cgroup.procs")
    let orphan = try #require(Int32(procs.split(separator: "\n").first ?? ""))
    // Its parent is the shim now, and nobody else.
    let status = contents("/proc/\(orphan)/status")
    #expect(status.contains("PPid:\t\(shim.pid)\n"))
    ShimFixture.write("1", to: root + "/w-a-1/cgroup.kill")
    #expect(try output.readAll().hasSuffix("/w-a-1\n"))
    let deadline = Clock.now().instant + .seconds(10)
    while ProcessIdentity.of(orphan) != nil, remaining(deadline) > 0 { poll(nil, 0, 5) }
    #expect(ProcessIdentity.of(orphan) == nil)
  }

  @Test(
    "is not started in a group outside the root",
    .enabled(if: Host.hasCgroup, "no writable cgroup2"))
  func outside() throws {
    let shim = try ShimFixture(cgroup: .auto)
    let root = try #require(shim.root)
    for path in [root + "/../", "/tmp", root, root + "/missing"] {
      var order = shim.shell("a@1", "true")
      order.cgroup = path
      try shim.spawn(order)
      #expect(try shim.failure("a@1") == SpawnFailure(.cgroup, ENOENT))
    }
  }

  @Test("without a cgroup takes what it left in its process group with it")
  func leftovers() throws {
    let shim = try ShimFixture()
    let output = try shim.spawn(shim.shell("a@1", "tail -f /dev/null & exit 0"))
    #expect(try shim.exit("a@1").status == .exited(0))
    // The pipe ends only when the background process is gone too.
    #expect(try output.readAll() == "")
  }

  @Test("may be one of 200 started at once")
  func many() throws {
    let shim = try ShimFixture()
    for number in 1...200 { try shim.spawn(shim.shell("m@\(number)", "exit \(number % 7)")) }
    for number in 1...200 {
      #expect(try shim.exit("m@\(number)").status == .exited(Int32(number % 7)))
    }
    let left = try shim.list()
    #expect(left.children.isEmpty)
    #expect(left.exits.count == 200)
  }
}
