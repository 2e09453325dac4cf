// The delegated part of the cgroup v2 tree in which workers live beside each other as `w-NAME-N`.
// Must never write outside its root, and never touch a group that is not named `w-…`.

import CNovaSys
import Glibc
package import NovaModel

/// The directory that holds the workers' groups.
package final class CgroupTree: Sendable {
  /// Absolute path of the directory.
  package let root: String
  /// The controllers that workers are wanted to have, such as `cpu memory pids io`.
  package let controllers: Set<String>
  /// Its path in the hierarchy, as /proc/PID/cgroup begins for what is below it; nil when that cannot be told.
  let hierarchyRoot: String?
  let directory: DescriptorBox

  /// The controllers that the limits and readings of a worker use.
  package static let usefulControllers: Set<String> = ["cpu", "memory", "pids", "io"]

  /// Opens the directory, which must exist in a cgroup v2 file system. Calls `open(2)`, `fstatfs(2)`.
  package init(
    root: String, controllers: Set<String> = CgroupTree.usefulControllers
  ) throws(SystemError) {
    let fd = try checked("open cgroup", root) {
      unsafe open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    let directory = DescriptorBox(Descriptor(fd))
    var space = nova_host_space()
    // CGROUP2_SUPER_MAGIC of linux/magic.h.
    guard unsafe nova_host_space_of_fd(fd, &space) == 0, space.type == 0x6367_7270 else {
      throw SystemError(call: "use as cgroup v2", number: EMEDIUMTYPE, subject: root)
    }
    self.root = root
    self.controllers = controllers
    self.directory = directory
    let mounts = (try? KernelFile.read("/proc/self/mountinfo")) ?? []
    hierarchyRoot = Self.hierarchyPath(
      of: root, mountinfo: String(decoding: mounts, as: UTF8.self))
  }

  /// A directory of plain files in the place of a tree, for tests of what this host's kernel does not offer.
  init(fixture root: String) throws(SystemError) {
    self.root = root
    controllers = Self.usefulControllers
    hierarchyRoot = nil
    directory = DescriptorBox(
      Descriptor(
        try checked("open", root) { unsafe open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }))
  }

  /// Where cgroup v2 is mounted: `/sys/fs/cgroup` or, on a hybrid host, below it; nil when nowhere.
  package static func mountPoint(mounts: String = "/proc/self/mounts") -> String? {
    guard let bytes = try? KernelFile.read(mounts) else { return nil }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " "))
      if words.count > 2, words[2].elementsEqual("cgroup2".utf8) {
        return String(decoding: words[1], as: UTF8.self)
      }
    }
    return nil
  }

  /// The group of instance `number` of a worker; it need not exist yet.
  package func group(_ id: InstanceID) -> CgroupGroup {
    CgroupGroup(tree: self, name: "w-\(id.worker.text)-\(id.number)")
  }

  /// The group of one life of it that began before the one before was booked: `w-NAME-N.SERIAL`.
  package func group(_ id: InstanceID, _ incarnation: Incarnation) -> CgroupGroup {
    CgroupGroup(tree: self, name: "w-\(id.worker.text)-\(id.number).\(incarnation.serial)")
  }

  /// The group of that name, which begins with `w-` and holds no slash; nil otherwise.
  package func group(named name: String) -> CgroupGroup? {
    guard name.hasPrefix("w-"), name.utf8.count <= 255, !name.utf8.contains(UInt8(ascii: "/"))
    else { return nil }
    return CgroupGroup(tree: self, name: name)
  }

  /// The instance a group's name stands for; nil when it is none of ours.
  package static func instance(ofGroup name: String) -> InstanceID? {
    guard name.hasPrefix("w-"), let dash = name.lastIndex(of: "-"),
      dash > name.index(name.startIndex, offsetBy: 1)
    else { return nil }
    let worker = name[name.index(name.startIndex, offsetBy: 2)..<dash]
    let numbers = name[name.index(after: dash)...].split(
      separator: ".", omittingEmptySubsequences: false)
    if numbers.count == 2, String(UInt64(numbers[1]) ?? 0) != numbers[1] { return nil }
    guard let number = numbers.first, numbers.count <= 2 else { return nil }
    return InstanceID(worker + "@" + number)
  }

  /// Hands the wanted controllers down to the workers' groups; answers those that are in force after it.
  ///
  /// One that is not offered here is simply missing from the answer. Throws when the kernel refuses one that is
  /// offered: EBUSY means that processes still live in the root itself. Writes `cgroup.subtree_control`.
  @discardableResult
  package func enableControllers() throws(SystemError) -> Set<String> {
    let offered = words(of: "cgroup.controllers")
    for name in controllers.intersection(offered).sorted()
    where !words(of: "cgroup.subtree_control").contains(name) {
      try write("+" + name, to: "cgroup.subtree_control")
    }
    return words(of: "cgroup.subtree_control")
  }

  /// The controllers that the parent offers to this tree.
  package func offeredControllers() -> Set<String> { words(of: "cgroup.controllers") }

  /// The workers' groups that exist, sorted by name.
  package func groups() throws(SystemError) -> [CgroupGroup] {
    try KernelFile.names(in: root).compactMap { group(named: $0) }
  }

  private func words(of file: String) -> Set<String> {
    var buffer = ReadBuffer()
    guard buffer.fill(at: directory.raw(), file) == 0 else { return [] }
    let words = buffer.bytes.split { $0 <= UInt8(ascii: " ") }
    return Set(words.map { String(decoding: $0, as: UTF8.self) })
  }

  /// Writes one value to a file below the root in one write(2).
  func write(_ value: String, to file: String) throws(SystemError) {
    let subject = root + "/" + file
    let fd = try checked("open", subject) {
      unsafe openat(directory.raw(), file, O_WRONLY | O_CLOEXEC)
    }
    defer { close(fd) }
    var bytes = Array(value.utf8)
    let wanted = bytes.count
    _ = try checked("write", "\(value) to \(subject)") {
      unsafe CInt(truncatingIfNeeded: Glibc.write(fd, &bytes, wanted))
    }
  }
}

extension CgroupTree: Equatable {
  /// The same tree.
  package static func == (a: CgroupTree, b: CgroupTree) -> Bool { a === b }
}
