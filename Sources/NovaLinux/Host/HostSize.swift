// What this host has to divide among its workers. Must never change while the supervisor runs: prices rest on it.

import Glibc

/// The size of the host.
package enum HostSize {
  /// Processors that are on. Calls `sysconf(3)`; at least 1.
  package static let processors = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

  /// Bytes of memory.
  package static let memoryBytes: UInt64 = {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let size = sysconf(Int32(_SC_PAGESIZE))
    return pages > 0 && size > 0 ? UInt64(pages) * UInt64(size) : 0
  }()

  /// NVIDIA's GPUs, by their device files: /dev/nvidia0 and so on.
  package static let gpus: Int = {
    var count = 0
    // 64 is more than any board holds.
    while count < 64, unsafe access("/dev/nvidia\(count)", F_OK) == 0 { count += 1 }
    return count
  }()
}
