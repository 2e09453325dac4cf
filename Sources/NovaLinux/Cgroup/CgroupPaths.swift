// A group has two names: its directory in the file system, and its path in the hierarchy as /proc/PID/cgroup says it.
// Must never guess from one to the other by how they end: who can make a group of the right name would become a worker.

package import NovaModel

/// A cgroup v2 mount as this process sees it.
struct CgroupMount: Sendable, Hashable {
  /// The directory it is mounted on.
  let point: String
  /// The path in the hierarchy of what is mounted there; `/` unless part of a tree was bound.
  let root: String

  /// All of them, in order. proc(5): fields 4 and 5 of a line, the type after ` - `.
  static func all(in mountinfo: String) -> [CgroupMount] {
    mountinfo.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 1,
        fields[dash + 1] == "cgroup2"
      else { return nil }
      return CgroupMount(point: String(fields[4]), root: String(fields[3]))
    }
  }
}

extension CgroupTree {
  /// The path in the hierarchy of a directory; nil when it lies in no cgroup v2 mount.
  static func hierarchyPath(of directory: String, mountinfo: String) -> String? {
    let parts = directory.split(separator: "/")
    let mounts = CgroupMount.all(in: mountinfo).filter {
      parts.starts(with: $0.point.split(separator: "/"))
    }
    // The innermost one is what the directory is seen through.
    guard let mount = mounts.max(by: { $0.point.utf8.count < $1.point.utf8.count }) else {
      return nil
    }
    let below = parts.dropFirst(mount.point.split(separator: "/").count)
    return "/" + (mount.root.split(separator: "/") + below).joined(separator: "/")
  }

  /// The instance in or below whose group a process of that group is, such as
  /// `/nova.slice/nova-workers.service/w-outreach-1/sub`; nil outside of this tree.
  package func instance(inGroup path: String) -> InstanceID? {
    hierarchyRoot.flatMap { Self.instance(inGroup: path, below: $0) }
  }

  /// The same for a tree whose root has the path `root` in the hierarchy.
  package static func instance(inGroup path: String, below root: String) -> InstanceID? {
    let parts = path.split(separator: "/")
    let above = root.split(separator: "/")
    guard parts.starts(with: above), parts.count > above.count else { return nil }
    return instance(ofGroup: String(parts[above.count]))
  }
}
