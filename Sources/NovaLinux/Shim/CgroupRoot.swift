// Where the shim may make groups: found once at start, said in hello, never changed after.
// Must never write above the directory it calls its root.

internal import Glibc
internal import NovaModel

/// The directory under which the brain makes the workers' groups.
struct CgroupRoot: Equatable {
  /// Absolute; nil: none is writable, sessions take its place.
  var path: String?
  /// What is enabled for the groups below it.
  var controllers: [String] = []
  /// We made it, so we remove it when we end.
  var made = false

  /// Prepares the root as `--cgroup` says.
  static func prepare(_ choice: ShimOptions.Cgroup, runtime: String) -> CgroupRoot {
    switch choice {
    case .none: return CgroupRoot()
    case .path(let path): return path == ownDirectory() ? ownUnit(path) : below(path, ours: false)
    case .auto:
      guard let own = ownDirectory() else { return CgroupRoot() }
      if isOwnUnit(own) { return ownUnit(own) }
      return below(own + "/nova-" + hash(runtime), ours: true)
    }
  }

  /// A group of our own inside a tree that others use too; we stay where we are.
  private static func below(_ path: String, ours: Bool) -> CgroupRoot {
    // It may be left from a shim that was killed; by its name it is ours all the same.
    let made = unsafe mkdir(path, 0o755) == 0
    // Whatever the umask: a worker may look at its own limits and readings below it.
    if made { unsafe _ = chmod(path, 0o755) }
    guard unsafe access(path + "/cgroup.procs", W_OK) == 0, unsafe access(path, W_OK) == 0 else {
      if made { unsafe rmdir(path) }
      return CgroupRoot()
    }
    return CgroupRoot(path: path, controllers: enable(in: path), made: made || ours)
  }

  /// The group of our unit: we move into a leaf, for no process may live in an inner node once controllers are enabled.
  private static func ownUnit(_ path: String) -> CgroupRoot {
    unsafe mkdir(path + "/shim", 0o755)
    guard write("0", to: path + "/shim/cgroup.procs") else { return CgroupRoot() }
    return CgroupRoot(path: path, controllers: enable(in: path))
  }

  /// One controller a write(2): one that is refused must not take the others with it.
  private static func enable(in path: String) -> [String] {
    for name in words(read(path + "/cgroup.controllers"))
    where ["cpu", "memory", "pids", "io"].contains(name) {
      _ = write("+" + name, to: path + "/cgroup.subtree_control")
    }
    return words(read(path + "/cgroup.subtree_control"))
  }

  /// systemd started us as the main process of a service: SYSTEMD_EXEC_PID (v248) is ours and the group is the unit's.
  private static func isOwnUnit(_ path: String) -> Bool {
    guard let text = unsafe getenv("SYSTEMD_EXEC_PID") else { return false }
    return unsafe String(cString: text) == String(getpid()) && path.hasSuffix(".service")
  }

  private static func ownDirectory() -> String? {
    guard let mount = mount(in: read("/proc/self/mountinfo")),
      let own = ownPath(in: read("/proc/self/cgroup"))
    else { return nil }
    return directory(own: own, mount: mount)
  }

  /// The first cgroup2 mount: where it is and which group its top is.
  static func mount(in mountinfo: String) -> (point: String, root: String)? {
    CgroupMount.all(in: mountinfo).first.map { ($0.point, $0.root) }
  }

  /// The group of the unified hierarchy, line `0::`.
  static func ownPath(in cgroup: String) -> String? {
    cgroup.split(separator: "\n").first { $0.hasPrefix("0::/") }.map { String($0.dropFirst(3)) }
  }

  /// Our group's directory. A path that leaves the mount's top (`/../x` in a namespace) counts as the top.
  static func directory(own: String, mount: (point: String, root: String)) -> String {
    var rest = own
    if mount.root != "/" {
      guard own == mount.root || own.hasPrefix(mount.root + "/") else { return mount.point }
      rest = String(own.dropFirst(mount.root.count))
    }
    let outside = rest.split(separator: "/").contains("..")
    return rest == "/" || rest.isEmpty || outside ? mount.point : mount.point + rest
  }

  /// 8 hexadecimal digits of the runtime directory: two supervisors on a host do not meet.
  static func hash(_ text: String) -> String { FNV1a<UInt32>(text).hexadecimal }

  /// The directory of a worker's group, if it lies under the root.
  func open(_ group: String) -> Descriptor? {
    guard let path, group.hasPrefix(path + "/"), !group.split(separator: "/").contains("..")
    else { return nil }
    let number = unsafe Glibc.open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    return number >= 0 ? Descriptor(number) : nil
  }

  /// Removes the root when we made it and nothing is left in it.
  func remove() {
    if made, let path { unsafe rmdir(path) }
  }

  private static func words(_ text: String) -> [String] {
    text.split { $0 == " " || $0 == "\n" }.map(String.init)
  }

  private static func write(_ text: String, to path: String) -> Bool {
    let number = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC)
    guard number >= 0 else { return false }
    let file = Descriptor(number)
    return unsafe Glibc.write(file.raw(), text, text.utf8.count) == text.utf8.count
  }

  private static func read(_ path: String) -> String {
    let number = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return "" }
    let file = Descriptor(number)
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16_384)
    // 1 MiB: a host with thousands of mounts has some 400 KiB of mountinfo.
    while bytes.count < 1 << 20 {
      let count = unsafe Glibc.read(file.raw(), &part, part.count)
      guard count > 0 else { break }
      bytes += part.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
