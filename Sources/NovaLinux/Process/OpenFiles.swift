// How many files this process may have open. Must never lower what was given to us.

internal import Glibc

/// RLIMIT_NOFILE of this process.
package enum OpenFiles {
  /// The soft and the hard limit as they are. Calls `getrlimit(2)`.
  package static func limit() -> ResourceLimit {
    var limit = rlimit()
    // SAFETY: `limit` outlives the call.
    unsafe getrlimit(ResourceLimit.files, &limit)
    return ResourceLimit(
      resource: ResourceLimit.files, soft: UInt64(limit.rlim_cur), hard: UInt64(limit.rlim_max))
  }

  /// Raises the soft limit to the hard one and answers what it was before. Calls `setrlimit(2)`.
  @discardableResult package static func raise() -> ResourceLimit {
    let before = limit()
    var limit = rlimit()
    limit.rlim_cur = rlim_t(before.hard)
    limit.rlim_max = rlim_t(before.hard)
    // SAFETY: `limit` outlives the call. Refused: it stays as it was, which is no error of anybody's.
    unsafe setrlimit(ResourceLimit.files, &limit)
    return before
  }
}
