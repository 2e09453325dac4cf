// The limits a large fleet runs into, and the services around the supervisor.
// Must never demand what a small fleet does not need: the numbers are those of 10,000 workers.

import Glibc

extension HostReport {
  /// Open files for 10,000 workers: one log each, and the readings that are kept open.
  static let filesNeeded: UInt64 = 20_000

  static func limits(_ source: HostSource) -> [HostRow] {
    var rows: [HostRow] = []
    let files = source.table("/proc/self/limits").first {
      $0.count > 4 && $0[0] == "Max" && $0[1] == "open" && $0[2] == "files"
    }
    // The soft one is raised to the hard one at start.
    let hard = files.map { $0[4] == "unlimited" ? UInt64.max : UInt64($0[4]) ?? 0 }
    rows.append(
      atLeast(
        "open files", hard, at: filesNeeded, for: "10,000 workers", fix: "LimitNOFILE=65536",
        text: FileBudget.sentence))
    // Two watches a worker.
    rows.append(
      atLeast(
        "inotify watches", source.number("/proc/sys/fs/inotify/max_user_watches"), at: 20_000,
        for: "10,000 workers", fix: "sysctl fs.inotify.max_user_watches=65536"))
    rows.append(
      atLeast(
        "inotify instances", source.number("/proc/sys/fs/inotify/max_user_instances"), at: 16,
        for: "the supervisor and its neighbours", fix: "sysctl fs.inotify.max_user_instances=128"))
    rows.append(
      atLeast(
        "process ids", source.number("/proc/sys/kernel/pid_max"), at: 32_768,
        for: "10,000 workers", fix: "sysctl kernel.pid_max=4194304"))
    return rows
  }

  private static func atLeast(
    _ item: String, _ value: UInt64?, at needed: UInt64, for what: String, fix: String,
    text: (UInt64) -> String = { $0 == .max ? "unlimited" : String($0) }
  ) -> HostRow {
    guard let value else { return HostRow("limits", item, "unknown", .warning, fix: "mount /proc") }
    let text = text(value)
    if value >= needed { return HostRow("limits", item, text) }
    return HostRow("limits", item, "\(text); \(what) need \(needed)", .warning, fix: fix)
  }

  static func surroundings(_ source: HostSource) -> [HostRow] {
    var rows: [HostRow] = []
    rows.append(
      source.exists(Journal.socketPath)
        ? HostRow("journal", "journald", "listens")
        : HostRow(
          "journal", "journald", "absent", .warning,
          fix: "nothing need be done: workers write to files, the supervisor to standard error"))
    let options = source.table("/proc/self/mounts").first {
      $0.count > 3 && $0[1] == "/proc" && $0[2] == "proc"
    }?[3]
    let hidden = options?.split(separator: ",").first { $0.hasPrefix("hidepid=") }
    // 0 and off hide nothing.
    let hides = hidden.map { $0 != "hidepid=0" && $0 != "hidepid=off" } ?? false
    rows.append(
      hides
        ? HostRow(
          "proc", "hidepid", String(hidden ?? ""), .warning,
          fix:
            "run as root, or in the group of proc's gid= option, else estimated memory is unknown")
        : HostRow("proc", "hidepid", "off"))
    let zones = source.exists("/usr/share/zoneinfo/Europe")
    rows.append(
      zones
        ? HostRow("time zones", "data", "/usr/share/zoneinfo")
        : HostRow(
          "time zones", "data", "absent", .warning,
          fix: "install tzdata; until then only UTC is known"))
    return rows
  }
}
