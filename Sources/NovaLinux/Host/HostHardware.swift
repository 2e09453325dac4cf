// Processors, memory, GPUs and the disk under the state directory.
// Must never report a container's host as the container's share: quotas and limits are rows of their own.

import CNovaSys
import Glibc
import NovaModel

extension HostReport {
  static func processor(_ source: HostSource) -> [HostRow] {
    let lines = (source.text("/proc/cpuinfo") ?? "").split(separator: "\n")
    let count = lines.count { $0.hasPrefix("processor") }
    let model = lines.first { $0.hasPrefix("model name") || $0.hasPrefix("Model") }
      .flatMap { $0.split(separator: ":", maxSplits: 1).last }
      .map { String($0.drop { $0 == " " }) }
    var rows = [
      count > 0
        ? HostRow("cpu", "processors", "\(count) × \(model ?? "unknown model")")
        : HostRow("cpu", "processors", "unknown", .warning, fix: "mount /proc")
    ]
    if let quota = quota(source) {
      rows.append(
        HostRow(
          "cpu", "quota", "\(quota.0 * 100 / max(1, quota.1)) % of one processor", .warning,
          fix: "all workers together get no more; raise the quota if that is too little"))
    }
    return rows
  }

  private static func quota(_ source: HostSource) -> (UInt64, UInt64)? {
    if let own = source.ownCgroup, let text = source.text(own + "/cpu.max") {
      let words = text.split(separator: " ")
      if words.count == 2, let quota = UInt64(words[0]), let period = UInt64(words[1]) {
        return (quota, period)
      }
    }
    if let own = source.ownLegacyCgroup("cpu"),
      let quota = source.number(own + "/cpu.cfs_quota_us"),
      let period = source.number(own + "/cpu.cfs_period_us")
    {
      return (quota, period)
    }
    return nil
  }

  static func memory(_ source: HostSource) -> [HostRow] {
    var values: [Substring: UInt64] = [:]
    for line in source.table("/proc/meminfo") where line.count > 1 {
      values[line[0]] = UInt64(line[1]).map { $0 << 10 }
    }
    guard let total = values["MemTotal:"] else {
      return [HostRow("memory", "total", "unknown", .warning, fix: "mount /proc")]
    }
    let available = values["MemAvailable:"].map { ", \(readable($0)) available" } ?? ""
    var rows = [HostRow("memory", "total", readable(total) + available)]
    let own = source.ownCgroup.flatMap { source.number($0 + "/memory.max") }
    let legacy = source.ownLegacyCgroup("memory").flatMap {
      source.number($0 + "/memory.limit_in_bytes")
    }
    if let limit = own ?? legacy, limit < total {
      rows.append(
        HostRow(
          "memory", "limit", readable(limit), .warning,
          fix: "all workers together get no more; raise the limit if that is too little"))
    }
    let swap = values["SwapTotal:"] ?? 0
    rows.append(HostRow("memory", "swap", swap == 0 ? "none" : readable(swap)))
    return rows
  }

  static func graphics(_ source: HostSource) -> [HostRow] {
    var rows: [HostRow] = []
    for gpu in source.names("/proc/driver/nvidia/gpus") {
      let lines = (source.text("/proc/driver/nvidia/gpus/\(gpu)/information") ?? "")
        .split(separator: "\n")
      let model = lines.first { $0.hasPrefix("Model:") }
        .map { String($0.dropFirst(6).drop { $0 == " " || $0 == "\t" }) }
      rows.append(HostRow("gpu", gpu, model ?? "NVIDIA, unknown model"))
    }
    if !rows.isEmpty, !source.exists("/usr/bin/nvidia-smi") {
      rows.append(
        HostRow("gpu", "nvidia-smi", "absent", .warning, fix: "install the driver's nvidia-smi"))
    }
    for card in source.names("/sys/class/drm")
    where card.hasPrefix("card") && !card.utf8.contains(UInt8(ascii: "-")) {
      let device = "/sys/class/drm/\(card)/device"
      switch source.text(device + "/vendor") {
      case "0x1002":
        let memory =
          source.number(device + "/mem_info_vram_total").map { ", " + readable($0) } ?? ""
        rows.append(HostRow("gpu", card, "AMD" + memory))
      case "0x10de" where !source.exists("/proc/driver/nvidia"):
        rows.append(
          HostRow(
            "gpu", card, "NVIDIA, its driver is not loaded", .warning,
            fix: "load the nvidia module"))
      default: continue
      }
    }
    return rows.isEmpty ? [HostRow("gpu", "devices", "none")] : rows
  }

  /// Space and the time an fsync takes where the ledger will be.
  static func storage(_ paths: HostPaths) -> [HostRow] {
    var space = nova_host_space()
    // The directory may not be made yet: then the one it will be made in counts.
    var place = paths.state
    var answer = unsafe nova_host_space_of(place, &space)
    while answer == -ENOENT, let slash = place.lastIndex(of: "/"), place != "/" {
      place = slash == place.startIndex ? "/" : String(place[..<slash])
      answer = unsafe nova_host_space_of(place, &space)
    }
    guard answer == 0 else {
      return [
        HostRow(
          "storage", paths.state, SystemError.text(of: -answer), .problem,
          fix: "make it, or name another by --state")
      ]
    }
    let available = UInt64(max(0, space.available_bytes))
    let text = "\(readable(available)) of \(readable(UInt64(max(0, space.total_bytes)))) free"
    var rows: [HostRow] = []
    switch available {
    case ..<(100 << 20):
      rows.append(HostRow("storage", place, text, .problem, fix: "free 1 GiB at least"))
    case ..<(1 << 30):
      rows.append(HostRow("storage", place, text, .warning, fix: "free 1 GiB at least"))
    default: rows.append(HostRow("storage", place, text))
    }
    switch syncTime(in: place) {
    case .failure(let error):
      rows.append(
        HostRow(
          "storage", "fsync", error.message, .problem,
          fix: "let the supervisor write to \(place)"))
    case .success(let median):
      let value = "\(median / 1000).\(median / 100 % 10) ms"
      // 20 ms: a turn of the loop commits once, so 50 booked turns a second are the floor.
      rows.append(
        median <= 20_000
          ? HostRow("storage", "fsync", value)
          : HostRow(
            "storage", "fsync", value, .warning, fix: "put the state directory on a faster disk"))
    }
    return rows
  }

  /// The median of 20 times to write 4 KiB and sync it, in microseconds.
  private static func syncTime(in place: String) -> Result<UInt64, SystemError> {
    let path = place + "/.nova-fsync-\(getpid())-\(Clock.now().instant.nanoseconds)"
    let fd = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    if fd < 0 { return .failure(.last("write to", place)) }
    let file = Descriptor(fd)
    defer { unsafe _ = unlink(path) }
    var block = [UInt8](repeating: 0x4e, count: 4096)
    var times: [UInt64] = []
    let begin = Clock.now().instant
    for index in 0..<20 {
      let before = Clock.now().instant
      guard unsafe pwrite(file.raw(), &block, block.count, off_t(index * 4096)) == block.count,
        fdatasync(file.raw()) == 0
      else { return .failure(.last("sync a file in", place)) }
      times.append(UInt64(max(0, (Clock.now().instant - before).wholeMicroseconds)))
      // A disk this slow has been judged already.
      if Clock.now().instant - begin > Span.seconds(1) { break }
    }
    return .success(times.sorted()[times.count / 2])
  }
}
