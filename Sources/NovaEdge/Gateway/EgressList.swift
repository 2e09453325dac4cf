// Where one worker may go, as its owner wrote it. Must never let through what is only like an entry.

import NovaHTTP

/// `egress:` of a worker.
struct EgressList: Sendable, Hashable {
  private var places: Set<EgressRequest>

  /// Entries such as `api.stripe.com:443`; one that is no host and port leads nowhere.
  init(_ entries: [String]) {
    places = Set(entries.compactMap { EgressRequest(place: $0.utf8) })
  }

  /// What a connection to it may lead to; nil: it is not listed.
  func reach(_ request: EgressRequest) -> DialReach? {
    guard places.contains(request) else { return nil }
    // Who writes 127.0.0.1 means it; a name that turns out to be that does not.
    return AddressKind(numeric: request.host) == .loopback ? .loopback : .global
  }
}
