// The kernel, cgroups and systemd: what the supervision itself stands on.
// Must never call something missing a problem when there is a fallback: then it is a warning that names what is lost.

import CNovaSys
import Glibc

extension HostReport {
  static func kernel(_ source: HostSource) -> [HostRow] {
    var rows: [HostRow] = []
    let release = source.text("/proc/sys/kernel/osrelease")
    let version = release.flatMap(parse)
    switch version {
    case nil:
      rows.append(
        HostRow("kernel", "version", release ?? "unknown", .warning, fix: "Linux 6.1 or later"))
    case .some(let v) where v < (5, 7):
      rows.append(
        HostRow(
          "kernel", "version", release ?? "", .problem,
          fix: "use Linux 5.7 or later; 6.1 is what is tested"))
    case .some(let v) where v < (6, 1):
      rows.append(
        HostRow("kernel", "version", release ?? "", .warning, fix: "Linux 6.1 is what is tested"))
    case .some:
      rows.append(HostRow("kernel", "version", release ?? ""))
    }
    if let version {
      rows.append(
        version >= (5, 14)
          ? HostRow("kernel", "cgroup.kill", "offered")
          : HostRow(
            "kernel", "cgroup.kill", "not offered; processes are killed one by one", .warning,
            fix: "Linux 5.14 or later"))
    }
    if source.isLive {
      rows.append(
        nova_host_has_clone3() == 1
          ? HostRow("kernel", "clone3", "offered")
          : HostRow(
            "kernel", "clone3", "refused", .problem,
            fix: "allow clone3 in the container's seccomp profile"))
      let pidfd = nova_host_pidfd_open(getpid())
      if pidfd >= 0 { close(pidfd) }
      rows.append(
        pidfd >= 0
          ? HostRow("kernel", "pidfd_open", "offered")
          : HostRow(
            "kernel", "pidfd_open", SystemError.text(of: -pidfd), .problem,
            fix: "allow pidfd_open in the container's seccomp profile"))
    }
    rows.append(
      source.text("/proc/pressure/cpu") != nil
        ? HostRow("kernel", "pressure", "offered")
        : HostRow(
          "kernel", "pressure", "not offered; pressure is unknown", .warning,
          fix: "boot with psi=1"))
    return rows
  }

  static func cgroups(_ source: HostSource, tree: String?) -> [HostRow] {
    let mounts = source.table("/proc/self/mounts").filter { $0.count > 2 }
    let legacy = mounts.contains { $0[2] == "cgroup" }
    guard let mount = source.cgroupMount else {
      return [
        HostRow(
          "cgroup", "version", legacy ? "v1 only" : "none", .warning,
          fix: "boot with systemd.unified_cgroup_hierarchy=1; until then workers are held together "
            + "by their sessions: no freezing, no kernel limits, estimated figures")
      ]
    }
    var rows = [
      legacy
        ? HostRow(
          "cgroup", "version", "hybrid, v2 at \(mount)", .warning,
          fix:
            "boot with systemd.unified_cgroup_hierarchy=1; until then memory limits are enforced "
            + "from readings, cpu, pids and io limits are absent")
        : HostRow("cgroup", "version", "v2 at \(mount)")
    ]
    let own = tree ?? source.ownCgroup
    let text = own.flatMap { source.text($0 + "/cgroup.controllers") }
    let offered = Set((text ?? "").split(separator: " ").map { String($0) })
    let missing = CgroupTree.usefulControllers.subtracting(offered).sorted()
    let shown = offered.isEmpty ? "none" : offered.sorted().joined(separator: " ")
    rows.append(
      missing.isEmpty
        ? HostRow("cgroup", "controllers", shown)
        : HostRow(
          "cgroup", "controllers", shown, .warning,
          fix:
            "delegate \(missing.joined(separator: ", ")): Delegate=yes on the unit, or boot with "
            + "cgroup v2 alone"))
    if source.isLive, let own {
      rows.append(
        unsafe access(own, W_OK) == 0
          ? HostRow("cgroup", "writable", own)
          : HostRow(
            "cgroup", "writable", "\(own) is not", .warning,
            fix: "run under the packaged units, or hand the container a writable cgroup tree"))
    }
    return rows
  }

  static func systemd(_ source: HostSource) -> [HostRow] {
    let shared =
      ["/usr/lib/systemd", "/usr/lib/x86_64-linux-gnu/systemd"]
      + ["/usr/lib/aarch64-linux-gnu/systemd", "/lib/systemd"]
    // libsystemd-shared-252.so: the version without running anything.
    let version = shared.lazy.flatMap { source.names($0) }.compactMap { name -> Int? in
      guard name.hasPrefix("libsystemd-shared-") else { return nil }
      return Int(name.dropFirst(18).prefix { $0.isNumber })
    }.first
    let text = version.map { "version \($0)" } ?? "version unknown"
    guard source.exists("/run/systemd/system") else {
      let first = source.text("/proc/1/comm") ?? "unknown"
      return [
        HostRow(
          "systemd", "running", "no, process 1 is \(first)", .warning,
          fix: "nothing need be done: the supervisor starts its shim itself, but nobody restarts "
            + "the supervisor")
      ]
    }
    if let version, version < 252 {
      return [
        HostRow(
          "systemd", "running", "yes, \(text)", .warning, fix: "252 is the oldest that is tested")
      ]
    }
    return [HostRow("systemd", "running", "yes, \(text)")]
  }

  /// Major and minor of a release such as `6.1.0-18-amd64`.
  private static func parse(_ release: String) -> (Int, Int)? {
    let parts = release.split(separator: ".")
    guard parts.count > 1, let major = Int(parts[0]),
      let minor = Int(parts[1].prefix { $0.isNumber })
    else { return nil }
    return (major, minor)
  }
}
