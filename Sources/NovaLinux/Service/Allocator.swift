// What the allocator holds back. Must never be called on a hot path: giving memory back walks the whole heap.

import CNovaSys

/// glibc's allocator.
package enum Allocator {
  /// One arena for all threads; call first of all. Two threads that rarely allocate at once need no second, which
  /// would hold memory back. Calls `mallopt(3)` with M_ARENA_MAX.
  package static func limitArenas() { nova_limit_arenas() }

  /// Gives free pages back to the kernel, as after the start of a large fleet. Calls `malloc_trim(3)`.
  package static func trim() { nova_return_memory() }
}
