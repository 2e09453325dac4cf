// Finding our own group from what the kernel writes, on the layouts hosts have. Must never touch a real cgroup.

import Testing

@testable import NovaLinux

@Suite("the cgroup root")
struct CgroupRootTests {
  static let layouts: [(String, String, String, String?)] = [
    (
      "systemd, unified", "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw\n",
      "0::/nova.slice/nova-workers.service\n", "/sys/fs/cgroup/nova.slice/nova-workers.service"
    ),
    (
      "hybrid",
      "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
        + "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
      "9:name=systemd:/\n1:cpu:/\n0::/\n", "/sys/fs/cgroup/unified"
    ),
    (
      "container that sees the host's path",
      "1 1 0:1 /docker/ab /sys/fs/cgroup ro - cgroup2 c rw\n",
      "0::/docker/ab/x\n", "/sys/fs/cgroup/x"
    ),
    (
      "container at its top", "1 1 0:1 /docker/ab /sys/fs/cgroup ro - cgroup2 c rw\n",
      "0::/docker/ab\n", "/sys/fs/cgroup"
    ),
    ("outside the namespace", "1 1 0:1 / /c ro - cgroup2 c rw\n", "0::/../other\n", "/c"),
    ("v1 only", "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n", "1:cpu:/\n", nil),
    ("no unified line", "1 1 0:1 / /c ro - cgroup2 c rw\n", "1:cpu:/x\n", nil),
    ("cut short", "1 1 0:1 / /c\n1 1 0:1 / /c ro -\n", "0::/\n", nil), ("empty", "", "", nil),
  ]

  @Test("is found on every layout", arguments: layouts)
  func layout(name: String, mountinfo: String, own: String, expected: String?) {
    var found: String?
    if let mount = CgroupRoot.mount(in: mountinfo), let own = CgroupRoot.ownPath(in: own) {
      found = CgroupRoot.directory(own: own, mount: mount)
    }
    #expect(found == expected)
  }

  @Test("has a name of eight digits that differs by runtime directory")
  func names() {
    #expect(CgroupRoot.hash("") == "811c9dc5")
    #expect(CgroupRoot.hash("a") == "e40c292c")
    #expect(CgroupRoot.hash("/run/nova") != CgroupRoot.hash("/run/nova2"))
    #expect(CgroupRoot.hash("/run/nova").count == 8)
  }

  @Test("is absent when it was said so, and gives no group then")
  func none() {
    let root = CgroupRoot.prepare(.none, runtime: "/run/nova")
    #expect(root == CgroupRoot())
    #expect(root.path == nil && root.controllers.isEmpty)
  }

  static let lines: [([String], ShimOptions.Command)] = [
    ([], .refused("--runtime DIR is missing")), (["--version"], .version), (["-h"], .help),
    (["--runtime"], .refused("--runtime needs a value")),
    (["--runtime", "x"], .refused("--runtime needs an absolute path, not 'x'")),
    (["--runtime", "/r"], .run(ShimOptions(runtime: "/r"))),
    (
      ["--runtime", "/r", "--cgroup", "x"],
      .refused("--cgroup is auto, none or an absolute path, not 'x'")
    ),
    (["--runtime", "/r", "--state-fd", "1"], .refused("--state-fd needs a descriptor")),
    (["--force"], .refused("unknown argument '--force' (see nova-shim --help)")),
  ]

  @Test("and the rest of the command line", arguments: lines)
  func commandLine(arguments: [String], expected: ShimOptions.Command) {
    #expect(ShimOptions.parse(arguments) == expected)
    guard case .run(var options) = expected else { return }
    options.cgroup = .path("/sys/fs/cgroup/x")
    options.detached = true
    #expect(ShimOptions.parse(options.arguments) == .run(options))
  }
}
