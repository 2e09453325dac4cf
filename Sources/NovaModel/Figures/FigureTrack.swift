// One worker's present minute: what the readings of a second add up to, and the seconds of the minute so far.
// Must never hold more than a minute, nor make anything at each reading: it is written to for every instance each second.

/// Belongs to the loop's thread.
package final class FigureTrack {
  /// Whose.
  package let worker: WorkerName
  private var present = FigureSample()
  private var encoder = FigureEncoder()

  /// A worker's first.
  package init(_ worker: WorkerName) { self.worker = worker }

  /// Adds a reading of one instance to the present second.
  package func add(cpu: UInt64?, memoryBytes: UInt64?, tasks: UInt64?) {
    if let cpu { present.cpu = (present.cpu ?? 0) &+ cpu }
    if let memoryBytes { present.memory = (present.memory ?? 0) &+ (memoryBytes >> 10) }
    if let tasks { present.tasks = (present.tasks ?? 0) &+ tasks }
  }

  /// Adds money to the present second.
  package func add(cost: Money) { present.cost &+= cost.microUSD }
  /// Adds what was earned, or given back when it is below zero.
  package func add(revenue: Money) { present.revenue &+= revenue.microUSD }

  /// Ends the present second as the `index`th of its minute (from 0). Seconds left out before it are like it when they
  /// are at most `bridge`, since readings are not taken on the beat of the clock; else nothing is known of them.
  package func close(_ index: Int, bridge: Int) {
    let gap = index - encoder.count
    guard gap >= 0 else { return }
    if gap > 0 {
      var between = FigureSample()
      if gap <= bridge {
        between = present
        between.cost = 0
        between.revenue = 0
      }
      for _ in 0..<gap { encoder.append(between) }
    }
    encoder.append(present)
    present = FigureSample()
  }

  /// Forgets the readings of a second that is not ended: the next round brings newer ones. Money stays.
  package func skip() {
    present.cpu = nil
    present.memory = nil
    present.tasks = nil
  }

  /// Ends the minute, filling what is missing of it; the bytes of its seconds, nil when they say nothing.
  package func takeMinute(bridge: Int) -> [UInt8]? {
    let gap = 60 - encoder.count
    if gap > 0, gap <= bridge, let last = samples.last {
      var between = last
      between.cost = 0
      between.revenue = 0
      for _ in 0..<gap { encoder.append(between) }
    }
    defer { encoder = FigureEncoder() }
    return encoder.isSilent ? nil : encoder.encoded
  }

  /// The seconds of the minute so far.
  package var samples: [FigureSample] { FigureDecoder.samples(encoder.encoded[...]) ?? [] }
}
