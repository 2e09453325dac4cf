// What happened: numbers each event, keeps the newest in memory, hands it to whoever follows, to the journal
// and to the ledger. Must never block and never lose the order.

package import NovaLinux
package import NovaModel

/// The event stream of one supervisor.
package final class History {
  /// Somebody who follows the stream; each event once, in order, those of a moment together.
  package typealias Follower = ([EventRecord]) -> Void

  // What the database may not have yet is answered from here; a turn's events are on the disk some milliseconds
  // later, and 1,024 of them are 1 MiB.
  private static let ringLimit = 1024

  private var nextID: Int64
  private var ring: [EventRecord] = []
  private var followers: [Int: Follower] = [:]
  private var lastFollower = 0
  private let journal: Journal
  /// Events not handed to the ledger yet.
  private var unwritten: [EventRecord] = []
  /// Events not handed to those who follow yet.
  private var untold: [EventRecord] = []
  /// The first event waits for `tell`: what follows a crash comes before what is said of it.
  package var onUntold: (() -> Void)?

  /// A history that continues at `nextID`.
  package init(nextID: Int64, journal: Journal) {
    self.nextID = nextID
    self.journal = journal
  }

  /// Gives the event its number and hands it on.
  package func record(_ event: EventRecord) {
    var numbered = event
    numbered.id = nextID
    nextID += 1
    if ring.count >= Self.ringLimit { ring.removeFirst(Self.ringLimit / 4) }
    ring.append(numbered)
    unwritten.append(numbered)
    journal.send(numbered)
    guard !followers.isEmpty else { return }
    untold.append(numbered)
    if untold.count == 1 { onUntold?() }
  }

  /// Hands on what waits.
  package func tell() {
    guard !untold.isEmpty else { return }
    let events = untold
    untold = []
    for follower in followers.values { follower(events) }
  }

  /// Takes what the ledger has not seen.
  package func takeUnwritten() -> [EventRecord] {
    // A large start's thousands are no measure for the turns after it.
    defer { unwritten.removeAll(keepingCapacity: unwritten.count < 256) }
    return unwritten
  }

  /// The newest events still in memory, oldest first.
  package var recent: [EventRecord] { ring }

  /// The number the next event will get.
  package var upcomingID: Int64 { nextID }

  /// Follows from now on; the token ends it.
  package func follow(_ body: @escaping Follower) -> Int {
    // What waits is older than the one who comes.
    tell()
    lastFollower += 1
    followers[lastFollower] = body
    return lastFollower
  }

  /// Stops following.
  package func unfollow(_ token: Int) { followers[token] = nil }
}
