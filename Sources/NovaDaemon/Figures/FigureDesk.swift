// The present minute of every worker, and what is due of the history. Must never do anything for each instance at each
// reading but an addition: the rest is done once a second for each worker, and once a minute for the fleet.

package import NovaLedger
package import NovaModel

/// Belongs to the loop's thread.
package struct FigureDesk {
  private var tracks: [WorkerName: FigureTrack] = [:]
  /// The minute (since 1970) whose seconds come in; nil: none yet.
  private var minute: Int64?
  /// The last second that was ended.
  private var second: Int64 = .min
  /// Hours whose minutes are still to be made, a shard at a time.
  private var due: [(hour: Int64, shard: Int)] = []

  /// Nothing yet.
  package init() {}

  /// Where a worker's readings go.
  package mutating func track(of worker: WorkerName) -> FigureTrack {
    if let track = tracks[worker] { return track }
    let track = FigureTrack(worker)
    tracks[worker] = track
    return track
  }

  /// A booked entry counts when it is booked. What the host's use costs is counted as it is read.
  package mutating func take(_ entry: Entry) {
    guard let worker = entry.worker, !entry.isPending, entry.kind != .compute else { return }
    switch entry.kind.side {
    case .cost: track(of: worker).add(cost: Money(microUSD: -entry.amount.microUSD))
    default: track(of: worker).add(revenue: entry.amount)
    }
  }

  /// Ends the second `now` (since 1970) of all; what is to be written for it. `interval` is how far readings lie apart,
  /// `isThere` tells which workers there are still.
  package mutating func close(
    _ now: Int64, interval: Int64, isThere: (WorkerName) -> Bool
  ) -> [FigureWrite] {
    // A clock that was set back a little stands still here until it has caught up.
    guard now > second || second - now > 60 else {
      for track in tracks.values { track.skip() }
      return []
    }
    second = now
    let bridge = Int(interval) + 1
    var writes: [FigureWrite] = []
    if let minute, minute != now / 60 {
      writes += end(minute, bridge: now / 60 == minute + 1 ? bridge : 0, isThere)
    }
    if minute == nil {
      // What the supervisor before left undone; doing it again changes nothing.
      due = [now / 3600 - 2, now / 3600 - 1].flatMap(Self.shards)
    }
    minute = now / 60
    for track in tracks.values { track.close(Int(now % 60), bridge: bridge) }
    if !due.isEmpty {
      let (hour, shard) = due.removeFirst()
      writes.append(.fold(hour: hour, shard: shard))
      if due.isEmpty { writes.append(.expire(now: now)) }
    }
    return writes
  }

  private mutating func end(_ minute: Int64, bridge: Int, _ isThere: (WorkerName) -> Bool)
    -> [FigureWrite]
  {
    var sheets: [Int: FigureSheet] = [:]
    for (worker, track) in tracks {
      if let seconds = track.takeMinute(bridge: bridge) {
        sheets[FigureSheet.shard(of: worker), default: FigureSheet()].add(worker, seconds)
      } else if !isThere(worker) {
        tracks[worker] = nil
      }
    }
    if (minute + 1).isMultiple(of: 60) { due += Self.shards(of: minute / 60) }
    return sheets.sorted { $0.key < $1.key }.map {
      .seconds(minute: minute, shard: $0.key, sheet: $0.value.bytes)
    }
  }

  private static func shards(of hour: Int64) -> [(hour: Int64, shard: Int)] {
    (0..<FigureSheet.shards).map { (hour, $0) }
  }

  /// Adds what is not on its way to the disk yet to a grid of steps made of `source` seconds.
  package func add(_ worker: WorkerName, source: Int64, to grid: inout FigureGrid) {
    guard let minute, let track = tracks[worker] else { return }
    var sum = FigureSum()
    for (index, sample) in track.samples.enumerated() {
      if source == 1 { grid.add(sample, at: minute * 60 + Int64(index)) } else { sum.add(sample) }
    }
    if source > 1 { grid.add(sum.sample, at: minute * 60) }
  }
}
