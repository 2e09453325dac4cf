// What this host offers and lacks, one row a fact, for `novasup check --host` and for the lines said at start.
// Must never change anything on the host but one small file in the state directory (made and removed to time fsync),
// and never fail: what cannot be found out is said as such.

import Glibc

/// One fact about the host.
package struct HostRow: Sendable, Hashable {
  /// What it is about, such as `cgroup`.
  package var topic: String
  /// Which fact, such as `version`.
  package var item: String
  /// What was found, for people.
  package var value: String
  /// How good that is.
  package var verdict: Verdict
  /// What to do about it; nil when there is nothing to do.
  package var fix: String?

  /// The three degrees.
  package enum Verdict: String, Sendable, Hashable, CaseIterable {
    /// Fine.
    case ok
    /// Works, with less.
    case warning
    /// Something will not work.
    case problem
  }

  /// A fact that is fine.
  package init(_ topic: String, _ item: String, _ value: String) {
    self.topic = topic
    self.item = item
    self.value = value
    verdict = .ok
  }

  /// A fact that wants attention, and what to do.
  package init(_ topic: String, _ item: String, _ value: String, _ verdict: Verdict, fix: String?) {
    self.init(topic, item, value)
    self.verdict = verdict
    self.fix = fix
  }
}

/// The directories the report is about.
package struct HostPaths: Sendable, Hashable {
  /// Where the ledger and the logs are.
  package var state: String
  /// Where the sockets are.
  package var runtime: String
  /// The cgroup below which workers live; nil: the one this process is in.
  package var tree: String?
  /// Names the directories.
  package init(state: String, runtime: String, tree: String? = nil) {
    self.state = state
    self.runtime = runtime
    self.tree = tree
  }
}

/// Collects the rows.
package enum HostReport {
  /// Every row, in the order to show them. Takes up to 2 s: call it off the loop.
  ///
  /// `root` stands before every file that is read. With one other than "" only files are read: the running kernel,
  /// its clock and its network are not asked.
  package static func collect(_ paths: HostPaths, root: String = "") -> [HostRow] {
    let source = HostSource(root: root)
    var rows = kernel(source) + cgroups(source, tree: paths.tree) + systemd(source)
    rows += processor(source) + memory(source) + graphics(source)
    rows += storage(paths)
    rows += network(source) + clock(source) + limits(source) + surroundings(source)
    return rows
  }
}

/// Where the report reads from.
struct HostSource {
  let root: String
  /// The real host: the kernel may be asked, too.
  var isLive: Bool { root.isEmpty }

  func text(_ path: String) -> String? { KernelFile.text(root + path) }
  func exists(_ path: String) -> Bool { unsafe access(root + path, F_OK) == 0 }
  func names(_ path: String) -> [String] { (try? KernelFile.names(in: root + path)) ?? [] }
  func number(_ path: String) -> UInt64? { text(path).flatMap { UInt64($0) } }

  /// The lines of a file, each split at white space.
  func table(_ path: String) -> [[Substring]] {
    (text(path) ?? "").split(separator: "\n").map { $0.split { $0 == " " || $0 == "\t" } }
  }

  /// Where cgroup v2 is mounted.
  var cgroupMount: String? {
    table("/proc/self/mounts").first { $0.count > 2 && $0[2] == "cgroup2" }.map { String($0[1]) }
  }

  /// The directory of this process's own v2 cgroup.
  var ownCgroup: String? {
    guard let mount = cgroupMount else { return nil }
    let line = (text("/proc/self/cgroup") ?? "").split(separator: "\n").first {
      $0.hasPrefix("0::/")
    }
    return line.map { $0.dropFirst(3) == "/" ? mount : mount + $0.dropFirst(3) }
  }

  /// The directory of this process's cgroup in a v1 hierarchy.
  func ownLegacyCgroup(_ controller: String) -> String? {
    for line in (text("/proc/self/cgroup") ?? "").split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, parts[1].split(separator: ",").contains(Substring(controller)) else {
        continue
      }
      return "/sys/fs/cgroup/\(controller)" + (parts[2] == "/" ? "" : parts[2])
    }
    return nil
  }
}

/// Bytes for people: `1.5 GiB`.
func readable(_ bytes: UInt64) -> String {
  let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
  var unit = 0
  var scale: UInt64 = 1
  while unit < units.count - 1, bytes / scale >= 1024 {
    unit += 1
    scale <<= 10
  }
  let tenths = unit == 0 ? 0 : bytes % scale * 10 / scale
  return "\(bytes / scale)\(tenths == 0 ? "" : ".\(tenths)") \(units[unit])"
}
