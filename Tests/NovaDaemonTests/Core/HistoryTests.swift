// The event stream in memory: numbers without a gap, followers, a ring that stays bounded.
// Must never reach a real journal: its socket is one that is not there and its lines go to /dev/null.

import Glibc
import NovaLinux
import NovaModel
import Testing

@testable import NovaDaemon

@Suite struct HistoryTests {
  private let null = DescriptorBox(Descriptor(unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)))

  private func history(from id: Int64) -> History {
    History(nextID: id, journal: Journal(path: "/nonexistent/socket", fallback: null.raw()))
  }

  private func event(_ message: String) -> EventRecord {
    EventRecord(at: WallTime(microseconds: 0), type: "test.event", message: message)
  }

  @Test("events are numbered from where the last supervisor ended, without a gap, and written once")
  func numbers() {
    let history = history(from: 41)
    #expect(history.upcomingID == 41)
    for text in ["a", "b", "c"] { history.record(event(text)) }
    #expect(history.recent.map(\.id) == [41, 42, 43])
    #expect(history.upcomingID == 44)
    #expect(history.takeUnwritten().map(\.message) == ["a", "b", "c"])
    #expect(history.takeUnwritten().isEmpty)
    history.record(event("d"))
    #expect(history.takeUnwritten().map(\.id) == [44])
    #expect(history.recent.map(\.message) == ["a", "b", "c", "d"])
  }

  @Test("each follower hears each event once, in order, from when it began until it ended")
  func followers() {
    let history = history(from: 1)
    var first: [Int64] = []
    var second: [Int64] = []
    history.record(event("before"))
    let one = history.follow { first += $0.map(\.id) }
    history.record(event("both"))
    let two = history.follow { second += $0.map(\.id) }
    #expect(one != two)
    history.record(event("both"))
    history.tell()
    history.unfollow(one)
    history.unfollow(one)
    history.record(event("second alone"))
    history.tell()
    history.unfollow(two)
    history.record(event("nobody"))
    #expect(first == [2, 3])
    #expect(second == [3, 4])
  }

  @Test("a follower that leaves while it is told disturbs nobody")
  func leaving() {
    let history = history(from: 1)
    var heard = 0
    var token = 0
    token = history.follow { _ in
      heard += 1
      history.unfollow(token)
    }
    var other = 0
    _ = history.follow { other += $0.count }
    history.record(event("one"))
    history.tell()
    history.record(event("two"))
    history.tell()
    #expect(heard == 1)
    #expect(other == 2)
  }

  @Test(
    "what happens in a moment is told together: the first one asks for it, and nothing is told twice"
  )
  func together() {
    let history = history(from: 1)
    var asked = 0
    var told: [[Int64]] = []
    history.onUntold = { asked += 1 }
    history.record(event("nobody"))
    #expect(asked == 0)
    _ = history.follow { told.append($0.map(\.id)) }
    history.record(event("a"))
    history.record(event("b"))
    #expect(asked == 1 && told.isEmpty)
    history.tell()
    history.tell()
    history.record(event("c"))
    history.tell()
    #expect(asked == 2 && told == [[2, 3], [4]])
  }

  @Test("a storm of events keeps the newest and loses none on the way to the ledger")
  func bounded() {
    let history = history(from: 1)
    var most = 0
    for number in 1...10_000 {
      history.record(event("\(number)"))
      most = max(most, history.recent.count)
    }
    #expect(most <= 1024)
    #expect(history.recent.count > 750)
    #expect(history.recent.last?.id == 10_000)
    let ids = history.recent.map(\.id)
    #expect(zip(ids, ids.dropFirst()).allSatisfy { $1 == $0 + 1 })
    #expect(history.takeUnwritten().count == 10_000)
  }
}
