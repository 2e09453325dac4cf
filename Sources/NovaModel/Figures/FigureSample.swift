// What a worker used, cost and earned in one second, minute or hour, and how several become one. Must never take what is
// not known for nought: a time that nobody saw has no sample.

/// The figures of one worker, all its instances together, over one span of time.
package struct FigureSample: Sendable, Hashable {
  /// Hundredths of a percent of one CPU; nil: not known.
  package var cpu: UInt64?
  /// KiB, the highest of the span; nil: not known.
  package var memory: UInt64?
  /// Tasks, the highest of the span; nil: not known.
  package var tasks: UInt64?
  /// What was spent in the span, micro-USD.
  package var cost: Int64 = 0
  /// What was earned in it less what was given back, micro-USD.
  package var revenue: Int64 = 0

  /// A time of which nothing is known.
  package init() {}

  /// Nothing ran and nothing was booked, or nobody looked.
  package var isAbsent: Bool {
    cpu == nil && memory == nil && tasks == nil && cost == 0 && revenue == 0
  }
}

/// Samples on their way to become one of a longer span: the mean of CPU, the highest of memory and tasks, the sums of
/// money.
package struct FigureSum: Sendable, Hashable {
  private var cpu: UInt64 = 0
  private var cpuCount: UInt64 = 0
  private var memory: UInt64?
  private var tasks: UInt64?
  private var cost: Int64 = 0
  private var revenue: Int64 = 0
  /// At least one sample came that says something.
  package private(set) var isSeen = false

  /// Of nothing.
  package init() {}

  /// Takes one more in; one that says nothing changes nothing.
  package mutating func add(_ sample: FigureSample) {
    guard !sample.isAbsent else { return }
    isSeen = true
    if let value = sample.cpu {
      cpu &+= value
      cpuCount += 1
    }
    if let value = sample.memory { memory = max(memory ?? 0, value) }
    if let value = sample.tasks { tasks = max(tasks ?? 0, value) }
    cost &+= sample.cost
    revenue &+= sample.revenue
  }

  /// All of them as one.
  package var sample: FigureSample {
    var sample = FigureSample()
    sample.cpu = cpuCount == 0 ? nil : (cpu + cpuCount / 2) / cpuCount
    sample.memory = memory
    sample.tasks = tasks
    sample.cost = cost
    sample.revenue = revenue
    return sample
  }
}

/// Equal steps of time, each with what is known of it.
package struct FigureGrid: Sendable, Hashable {
  /// Seconds since 1970 at which the first step begins; a multiple of `step`.
  package let start: Int64
  /// Seconds of each.
  package let step: Int64
  /// In order of time.
  package private(set) var sums: [FigureSum]

  /// Empty steps.
  package init(start: Int64, step: Int64, count: Int) {
    self.start = start
    self.step = step
    sums = Array(repeating: FigureSum(), count: count)
  }

  /// The steps that end with the one `now` lies in and reach back over `span`, all in seconds.
  package init(until now: Int64, span: Int64, step: Int64) {
    let end = (now / step + 1) * step
    let count = max(1, (span + step - 1) / step)
    self.init(start: end - count * step, step: step, count: Int(count))
  }

  /// The first second after the last step.
  package var end: Int64 { start + step * Int64(sums.count) }

  /// Takes what was seen at a second in; outside of the steps it changes nothing.
  package mutating func add(_ sample: FigureSample, at second: Int64) {
    guard second >= start, second < end else { return }
    sums[Int((second - start) / step)].add(sample)
  }
}
