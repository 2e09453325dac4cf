// Refused requests as events, so many a minute and user; what is over that is counted and said in one sentence when
// the minute is over. Must never let a user who may do nothing fill the history, nor let a refusal go unmentioned.

import NovaModel

/// Who was refused what in the present minute.
struct RefusalLog {
  /// A sentence for the history.
  struct Line: Equatable {
    /// Who was refused.
    var actor: String
    /// The worker it was about.
    var worker: WorkerName?
    var message: String
  }

  /// A person who tries what he may not does so a few times; a program does it a million times.
  static let perWindow = 20
  static let window = Span.seconds(60)
  /// Users told apart; all others share one count.
  static let users = 64

  private struct Tally {
    var ends: Instant
    var said = 0
    var held = 0
  }
  private var tallies: [String: Tally] = [:]
  private static let others = "others"

  /// None was refused yet.
  init() {}

  /// One more; what is to be written of it now.
  mutating func note(_ line: Line, at now: Instant) -> [Line] {
    var lines = over(at: now)
    let key =
      tallies[line.actor] != nil || tallies.count < Self.users ? line.actor : Self.others
    var tally = tallies[key] ?? Tally(ends: now + Self.window)
    if tally.said < Self.perWindow {
      tally.said += 1
      lines.append(line)
    } else {
      tally.held += 1
    }
    tallies[key] = tally
    return lines
  }

  /// What is to be written of the minutes that are over.
  mutating func over(at now: Instant) -> [Line] {
    var lines: [Line] = []
    for (actor, tally) in tallies.sorted(by: { $0.key < $1.key }) where tally.ends <= now {
      tallies[actor] = nil
      guard tally.held > 0 else { continue }
      lines.append(
        Line(
          actor: actor, worker: nil,
          message: "\(actor) was refused \(tally.held) more requests within a minute"))
    }
    return lines
  }

  /// When `over` has something to look at; nil while nobody was refused.
  var due: Instant? { tallies.values.map(\.ends).min() }
}
