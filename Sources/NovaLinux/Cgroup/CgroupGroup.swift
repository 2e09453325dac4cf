// One worker instance's group: made, limited, counted, frozen, killed, removed. It holds no descriptor of its own
// (every call is relative to the tree's), so 10,000 of them cost none.
// Must never signal a process that is not a member at that moment.

import CNovaSys
import Glibc
package import NovaModel

/// What cgroup.events says.
package struct GroupEvents: Sendable, Hashable {
  /// A process lives in it or below it.
  package var populated: Bool
  /// Every process in it is frozen.
  package var frozen: Bool
}

/// A cgroup named `w-NAME-N` below the tree's root.
package struct CgroupGroup: Sendable, Equatable {
  let tree: CgroupTree
  /// The directory's name, such as `w-outreach-1`.
  package let name: String

  /// The absolute path.
  package var path: String { tree.root + "/" + name }

  /// Makes the directory; one that is there already is an error (EEXIST). Whatever our umask is, others may read its
  /// files: a runtime that sizes itself by its limits does so as the worker's user. Calls `mkdirat(2)`, `fchmodat(2)`.
  package func create() throws(SystemError) {
    _ = try checked("make cgroup", path) { unsafe mkdirat(tree.directory.raw(), name, 0o755) }
    // Refused where the tree was given to us without its ownership: then the mode is as good as it gets.
    unsafe _ = fchmodat(tree.directory.raw(), name, 0o755, 0)
  }

  /// Whether the directory exists.
  package func exists() -> Bool { unsafe faccessat(tree.directory.raw(), name, F_OK, 0) == 0 }

  /// A descriptor of the directory, as clone3(2) wants it for CLONE_INTO_CGROUP. Calls `openat(2)`.
  package func open() throws(SystemError) -> Descriptor {
    Descriptor(
      try checked("open cgroup", path) {
        unsafe openat(tree.directory.raw(), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      })
  }

  /// Its directory, for a few look-ups below it; -1 when it cannot be opened. The caller closes it. Calls `openat(2)`.
  func openDirectory() -> CInt {
    unsafe openat(tree.directory.raw(), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  }

  /// Sets the kernel limits; answers the keys of those that cannot be set here (no controller, or refused).
  ///
  /// Nil limits are written as none, so that a changed configuration takes effect on a living group; a group that was
  /// made this moment (`isNew`) has none yet, and seven files need not be opened for it.
  package func apply(_ limits: WorkerSpec.Limits, isNew: Bool = false) -> [String] {
    var missing: [String] = []
    func set(
      _ key: String, _ file: String, _ value: String, wanted: Bool, always: Bool = false
    ) {
      if isNew, !wanted, !always { return }
      do throws(SystemError) { try write(value, to: file) } catch {
        if wanted { missing.append(key) }
      }
    }
    func text(_ value: UInt64?) -> String { value.map { String($0) } ?? "max" }
    set("memory", "memory.max", text(limits.memoryBytes), wanted: limits.memoryBytes != nil)
    set(
      "memory_high", "memory.high", text(limits.memoryHighBytes),
      wanted: limits.memoryHighBytes != nil)
    // One process that runs out of memory takes its whole group along: half a worker is no worker.
    set(
      "memory", "memory.oom.group", "1", wanted: false,
      always: tree.controllers.contains("memory"))
    // Percent of one CPU over a period of 100,000 µs, the kernel's default: 1 % is 1,000 µs.
    let quota = limits.cpuPercent.map { "\(UInt64(max(1, $0)) * 1000) 100000" } ?? "max 100000"
    set("cpu", "cpu.max", quota, wanted: limits.cpuPercent != nil)
    set("pids", "pids.max", text(limits.pids), wanted: limits.pids != nil)
    set(
      "io_weight", "io.weight", "default \(limits.ioWeight ?? 100)", wanted: limits.ioWeight != nil)
    return missing
  }

  /// `populated` and `frozen`; of a group that is gone, both false.
  package func events() throws(SystemError) -> GroupEvents {
    var buffer = ReadBuffer()
    let number = buffer.fill(at: tree.directory.raw(), name + "/cgroup.events")
    switch number {
    case 0: break
    case ENOENT, ENODEV: return GroupEvents(populated: false, frozen: false)
    default: throw SystemError(call: "read cgroup.events of", number: number, subject: path)
    }
    guard let populated = buffer.parse({ KernelText.value(of: Self.populatedKey, in: $0) }) else {
      throw SystemError(call: "read cgroup.events of", number: EBADMSG, subject: path)
    }
    let frozen = buffer.parse { KernelText.value(of: Self.frozenKey, in: $0) }
    return GroupEvents(populated: populated != 0, frozen: frozen == 1)
  }

  /// Whether any process lives in the group or below it; a group that is gone is empty.
  package func populated() throws(SystemError) -> Bool { try events().populated }

  /// The processes in the group and in those below it.
  package func processes() throws(SystemError) -> [Int32] {
    var buffer = ReadBuffer()
    var ids: [Int32] = []
    for group in [""] + (try descendants()) {
      let number = buffer.fill(at: tree.directory.raw(), name + group + "/cgroup.procs")
      switch number {
      case 0: ids += buffer.parse(KernelText.processIDs)
      // Gone meanwhile; or the inner group of a threaded one, whose processes its parent lists.
      case ENOENT, ENODEV, EOPNOTSUPP: continue
      default: throw SystemError(call: "list processes of", number: number, subject: path)
      }
    }
    return ids
  }

  /// Freezes all processes. Done when `events().frozen` is true. Writes `cgroup.freeze`.
  package func freeze() throws(SystemError) { try write("1", to: "cgroup.freeze") }

  /// Lets frozen processes run again. Writes `cgroup.freeze`.
  package func thaw() throws(SystemError) { try write("0", to: "cgroup.freeze") }

  /// Kills every process in it and below it at once. Writes `cgroup.kill`; before Linux 5.14, signals until none is
  /// left to signal. Done when `populated()` is false.
  package func kill() throws(SystemError) {
    do throws(SystemError) { try write("1", to: "cgroup.kill") } catch {
      guard error.number == ENOENT, exists() else {
        if error.number == ENOENT || error.number == ENODEV { return }
        throw error
      }
      try killEach()
    }
  }

  /// SIGKILL to each member until no new one is found: the way without cgroup.kill.
  func killEach() throws(SystemError) {
    // Frozen processes die of SIGKILL but cannot make new ones meanwhile.
    try? freeze()
    defer { try? thaw() }
    _ = try signalAll(SIGKILL)
  }

  /// Sends a signal to every process of the group; answers how many got it. Calls `pidfd_send_signal(2)`.
  ///
  /// A pid that was listed, then opened, and is listed still cannot be a stranger's: what was opened is either that
  /// member or dead.
  @discardableResult
  package func signalAll(_ signal: Int32) throws(SystemError) -> Int {
    var reached: Set<Int32> = []
    var sent = 0
    // Each pass finds what was forked during the one before; 16 bounds a fork bomb's hold on us.
    for _ in 0..<16 {
      let found = try processes().filter { !reached.contains($0) }
      if found.isEmpty { break }
      var start = 0
      while start < found.count {
        // 128 descriptors at a time: the brain's limit is shared with everything else.
        let batch = found[start..<min(start + 128, found.count)]
        start += 128
        var opened: [(pid: Int32, fd: Int32)] = []
        defer { for entry in opened { close(entry.fd) } }
        for pid in batch {
          let fd = nova_host_pidfd_open(pid)
          if fd >= 0 { opened.append((pid, fd)) }
          reached.insert(pid)
        }
        let members = Set(try processes())
        for entry in opened where members.contains(entry.pid) {
          if nova_host_pidfd_signal(entry.fd, signal) == 0 { sent += 1 }
        }
      }
    }
    return sent
  }

  /// Removes the group and the groups the worker made below it; one that is gone is no error. Calls `unlinkat(2)`.
  ///
  /// EBUSY: processes are still inside.
  package func remove() throws(SystemError) {
    for below in try descendants().reversed() { try removeDirectory(name + below) }
    try removeDirectory(name)
  }

  private func removeDirectory(_ relative: String) throws(SystemError) {
    if unsafe unlinkat(tree.directory.raw(), relative, AT_REMOVEDIR) == 0 { return }
    let number = errno
    if number == ENOENT { return }
    throw SystemError(call: "remove cgroup", number: number, subject: tree.root + "/" + relative)
  }

  /// The groups below this one as `/a`, `/a/b`, parents first; at most 1,024 of them.
  func descendants() throws(SystemError) -> [String] {
    var found: [String] = []
    var next = 0
    var current = ""
    while found.count < 1024 {
      for child in try subdirectories(name + current) { found.append(current + "/" + child) }
      guard next < found.count else { break }
      current = found[next]
      next += 1
    }
    return found
  }

  private func subdirectories(_ relative: String) throws(SystemError) -> [String] {
    let fd = unsafe openat(tree.directory.raw(), relative, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if fd < 0 {
      let number = errno
      if number == ENOENT || number == ENODEV { return [] }
      throw SystemError(call: "open cgroup", number: number, subject: tree.root + "/" + relative)
    }
    guard let stream = unsafe fdopendir(fd) else {
      close(fd)
      throw SystemError(call: "list cgroup", number: ENOMEM, subject: tree.root + "/" + relative)
    }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      guard unsafe entry.pointee.d_type == UInt8(DT_DIR) else { continue }
      let name = unsafe withUnsafePointer(to: entry.pointee.d_name) {
        // SAFETY: d_name is 256 bytes and NUL-terminated, see readdir(3).
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  private func write(_ value: String, to file: String) throws(SystemError) {
    try tree.write(value, to: name + "/" + file)
  }

  private static let populatedKey = Array("populated".utf8)
  private static let frozenKey = Array("frozen".utf8)
}
