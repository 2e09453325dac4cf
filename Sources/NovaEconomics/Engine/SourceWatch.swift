// How often each source of revenue speaks, and which has fallen silent for longer than its own past explains: a platform
// whose news do not arrive looks like workers that sell nothing. Kept in constant time from each piece of news.
// Must never take what a worker says of itself for a source, nor judge a source of which too little is known.

package import NovaModel

/// A source that used to speak and does not.
package struct SourceSilence: Sendable, Hashable {
  package let source: String
  /// Since its last piece of news.
  package let since: WallTime
  /// The engine's seconds that have passed since, and the longest pause among its last ones.
  package let seconds: Int64
  package let longestSeconds: Int64
  /// Who has earned from it lately, by name.
  package let earners: [WorkerName]
}

/// The pulse of every source.
package struct SourceWatch: Sendable, Hashable {
  /// Before so many pauses are known a source may be silent for as long as it likes.
  static let fewestPauses = 20
  /// So many of the last are kept. A next one that is three times as long as all of them comes, by chance alone, once in
  /// 1,771 pauses after 20 and once in 47,905 after 64: n! 3!/(n+3)! for pauses that know nothing of each other.
  static let mostPauses = 64
  /// Silence is three times the longest pause, and never less than an hour.
  static let patience: Int64 = 3
  static let shortest: Int64 = 3600
  /// What comes within a minute is one piece of news: a platform that hands over a day's sales at once speaks once a day.
  static let burst: Int64 = 60
  /// Of a source that stays silent for so much longer nobody waits any more: the workers are judged as they are.
  static let longestFreeze: Int64 = 3 * 86_400
  /// More sources are not watched.
  static let mostSources = 256
  /// What workers report of themselves comes with their runs: it is silent when they are.
  static let workers = "worker"

  /// The engine's hours pass so many times faster than those of the clock.
  package var speed: Int64 = 1
  private var pulses: [String: Pulse] = [:]

  private struct Pulse: Sendable, Hashable {
    /// When it last spoke, or was last excused.
    var last: WallTime
    /// When the last piece of news began.
    var mark: WallTime
    /// Pieces so far.
    var pieces: Int64 = 0
    /// The last pauses, in seconds: a ring.
    var pauses: [Int64] = []
    /// The piece that each worker last had a part in.
    var earners: [WorkerName: Int64] = [:]

    mutating func take(_ worker: WorkerName?, pause: Int64, at: WallTime) {
      if pause >= SourceWatch.burst {
        if pauses.count < SourceWatch.mostPauses {
          pauses.append(pause)
        } else {
          pauses[Int(pieces % Int64(SourceWatch.mostPauses))] = pause
        }
        pieces += 1
        mark = at
      }
      last = max(last, at)
      if let worker { earners[worker] = pieces }
    }
  }

  /// Nothing heard yet.
  package init() {}

  /// A source speaks of revenue, or of what is given back of it.
  package mutating func take(_ source: String, of worker: WorkerName?, at: WallTime) {
    guard source != Self.workers else { return }
    guard let mark = pulses[source]?.mark else {
      guard pulses.count < Self.mostSources else { return }
      pulses[source] = Pulse(last: at, mark: at)
      if let worker { pulses[source]?.earners[worker] = 0 }
      return
    }
    // In place: a copy of all who earn from it for each of their sales would not be constant work.
    let pause = seconds(from: mark, to: at)
    pulses[source]?.take(worker, pause: pause, at: at)
  }

  /// Nobody listened until now: the silence of all begins anew, but of those that were silent before.
  package mutating func excuse(at now: WallTime, except silent: Set<String> = []) {
    for name in pulses.keys where !silent.contains(name) { excuse(name, at: now) }
  }

  /// Somebody knows that there was nothing to hear: the silence of a source begins anew.
  package mutating func excuse(_ source: String, at now: WallTime) {
    guard let pulse = pulses[source], pulse.last < now else { return }
    pulses[source]?.last = now
    // The pause that nobody measured is none.
    pulses[source]?.mark = now
  }

  /// Who is silent now, by name.
  package func silent(at now: WallTime) -> [SourceSilence] {
    var found: [SourceSilence] = []
    for (source, pulse) in pulses where pulse.pauses.count >= Self.fewestPauses {
      let silence = seconds(from: pulse.last, to: now)
      guard silence > Self.shortest else { continue }
      let longest = pulse.pauses.max() ?? 0
      guard silence > Self.patience * longest else { continue }
      let early = pulse.pieces - Int64(Self.mostPauses)
      found.append(
        SourceSilence(
          source: source, since: pulse.last, seconds: silence, longestSeconds: longest,
          earners: pulse.earners.filter { $0.value >= early }.keys.sorted()))
    }
    return found.sorted { $0.source < $1.source }
  }

  private func seconds(from: WallTime, to: WallTime) -> Int64 {
    max(0, (to - from).wholeMilliseconds * max(1, speed) / 1000)
  }
}

extension SourceSilence {
  /// Whether the workers that earn from it are not to be judged: several that still work fell silent together, which
  /// speaks for the source and not for them, and it does not last for ever.
  package func freezes(working: [WorkerName]) -> Bool {
    working.count >= 2
      && seconds <= max(SourceWatch.shortest, SourceWatch.patience * longestSeconds)
        + SourceWatch.longestFreeze
  }

  /// Whether it is worth saying: somebody who earned from it still works, or it was nobody's.
  package func matters(working: [WorkerName]) -> Bool { !working.isEmpty || earners.isEmpty }

  /// `shop has been silent for 3.2 h, never longer than 0.4 h before`.
  package var sentence: String {
    "\(source) has been silent for \(Self.hours(seconds)) h, lately never longer than "
      + "\(Self.hours(longestSeconds)) h"
  }

  private static func hours(_ seconds: Int64) -> String {
    Spoken.tenths(Double(seconds) / 3600)
  }
}
