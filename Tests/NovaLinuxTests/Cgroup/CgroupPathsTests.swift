// From a process's cgroup to the instance it belongs to, on every layout and against those who would like to be one.
// Must never touch a real cgroup.

import NovaModel
import Testing

@testable import NovaLinux

@Suite("cgroup paths")
struct CgroupPathsTests {
  static let directories: [(String, String, String, String?)] = [
    (
      "unified", "31 23 0:28 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw\n",
      "/sys/fs/cgroup/nova.slice/nova-workers.service", "/nova.slice/nova-workers.service"
    ),
    (
      "hybrid",
      "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
        + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
      "/sys/fs/cgroup/unified/nova-1", "/nova-1"
    ),
    (
      "the mount itself", "1 1 0:1 / /sys/fs/cgroup rw - cgroup2 c rw\n", "/sys/fs/cgroup", "/"
    ),
    (
      "a container that sees the host's path",
      "1 1 0:1 /docker/ab /sys/fs/cgroup rw - cgroup2 c rw\n", "/sys/fs/cgroup/nova-1",
      "/docker/ab/nova-1"
    ),
    (
      "the innermost of two mounts",
      "1 1 0:1 / /sys/fs/cgroup rw - cgroup2 c rw\n2 1 0:1 /a /sys/fs/cgroup/x rw - cgroup2 c rw\n",
      "/sys/fs/cgroup/x/nova-1", "/a/nova-1"
    ),
    (
      "a name that only begins alike", "1 1 0:1 / /sys/fs/cgroup rw - cgroup2 c rw\n",
      "/sys/fs/cgroup2/nova-1", nil
    ),
    (
      "slashes too many", "1 1 0:1 / /sys/fs/cgroup rw - cgroup2 c rw\n",
      "/sys/fs/cgroup//nova-1/", "/nova-1"
    ),
    ("no cgroup v2", "1 1 0:1 / /sys/fs/cgroup rw - tmpfs c rw\n", "/sys/fs/cgroup/nova-1", nil),
    ("nothing", "", "/sys/fs/cgroup/nova-1", nil),
  ]

  @Test("a directory has its path in the hierarchy", arguments: directories)
  func hierarchy(name: String, mountinfo: String, directory: String, expected: String?) {
    #expect(CgroupTree.hierarchyPath(of: directory, mountinfo: mountinfo) == expected)
  }

  static let unit = "/nova.slice/nova-workers.service"

  static let groups: [(String, String, String?)] = [
    (unit + "/w-mail-1", unit, "mail@1"), (unit + "/w-mail-1/sub/sub", unit, "mail@1"),
    (unit + "/w-a-b-12", unit, "a-b@12"), ("/w-mail-1", "/", "mail@1"),
    ("/w-mail-1/x", "/", "mail@1"),
    // Not a worker's.
    (unit, unit, nil), (unit + "/shim", unit, nil), ("/", "/", nil), ("", "/", nil),
    ("/nova.slice", unit, nil), (unit + "/w-mail", unit, nil), (unit + "/w--1", unit, nil),
    (unit + "/w-mail-0", unit, nil), (unit + "/w-mail-+1", unit, nil),
    (unit + "/w-mail-01", unit, nil),
    (unit + "/W-mail-1", unit, nil), (unit + "/w-MAIL-1", unit, nil),
    (unit + "/w-mail-1 (deleted)", unit, nil),
    // A worker cannot become another one below its own group.
    (unit + "/w-a-1/w-b-1", unit, "a@1"), (unit + "/w-a-1" + unit + "/w-b-1", unit, "a@1"),
    (unit + "/x/w-b-1", unit, nil),
    // Nor can anybody elsewhere, however the group is called.
    ("/user.slice/w-b-1", unit, nil), ("/user.slice/u" + unit + "/w-b-1", unit, nil),
    ("/nova-workers.service/w-b-1", unit, nil), ("/w-b-1", unit, nil),
    ("/../nova.slice/nova-workers.service/w-b-1", unit, nil),
    (unit + "2/w-b-1", unit, nil), (unit + "/../w-b-1", unit, nil),
  ]

  @Test(
    "a group belongs to the instance it lies in, and to nobody outside of the tree",
    arguments: groups)
  func instance(path: String, root: String, expected: String?) {
    #expect(CgroupTree.instance(inGroup: path, below: root)?.description == expected)
  }
}
