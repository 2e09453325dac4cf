// What is around the fleet when it is decided about: how much of the host is free.
// Must never guess: what cannot be read is nil.

import NovaLifecycle
import NovaLinux
import NovaModel

extension Supervisor {
  /// Share of processors and memory that is free after what workers hold and have reserved, percent; the smaller of the
  /// two. Nil where the host does not say.
  func hostFreePercent(_ glances: [WorkerGlance]) -> Int? {
    guard HostSize.memoryBytes > 0, let available = Self.availableBytes() else { return nil }
    var (processors, held, claimed) = (UInt64(0), UInt64(0), UInt64(0))
    var used: [WorkerName: (cpu: UInt64, memory: UInt64)] = [:]
    for life in lives.values where life.exit == nil {
      let (cpu, memory) = (life.cpuHundredths ?? 0, life.reading?.memoryBytes ?? 0)
      used[life.id.worker, default: (0, 0)].cpu += cpu
      used[life.id.worker, default: (0, 0)].memory += memory
    }
    for worker in glances where worker.wanted {
      let own = used[worker.name] ?? (0, 0)
      let count = UInt64(max(0, worker.count))
      let economics = worker.economics
      processors += max(own.cpu, UInt64(max(0, economics.reserveCPUPercent)) * 100 * count)
      held += own.memory
      claimed += max(own.memory, economics.reserveMemoryBytes * count)
    }
    // What others hold stays theirs; of the rest the fleet has claimed its part.
    let free = available + held > claimed ? available + held - claimed : 0
    let memory = Int(clamping: min(free, HostSize.memoryBytes) * 100 / HostSize.memoryBytes)
    let all = UInt64(HostSize.processors) * 10_000
    let processor = Int(clamping: (all - min(all, processors)) * 100 / all)
    return min(memory, processor)
  }

  /// `MemAvailable` of /proc/meminfo.
  private static func availableBytes() -> UInt64? {
    guard let text = KernelFile.text("/proc/meminfo") else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
      let words = line.split(separator: " ")
      return words.count > 1 ? UInt64(words[1]).map { $0 * 1024 } : nil
    }
    return nil
  }
}
