// Samples as few bytes: what stayed the same costs nothing, what changed costs its difference. A worker at rest takes some
// four bytes a minute, one whose every figure changes each second some seven bytes a second. Must never lose a digit.

/// Writes samples, one after the other.
package struct FigureEncoder: Sendable, Hashable {
  private var bytes: [UInt8] = []
  private var last: FigureSample?
  private var repeats: UInt64 = 0
  private var base = FigureBase()
  /// How many were written.
  package private(set) var count = 0
  /// None of them says anything.
  package private(set) var isSilent = true

  /// Nothing yet.
  package init() {}

  /// All of these.
  package init(_ samples: some Sequence<FigureSample>) {
    for sample in samples { append(sample) }
  }

  /// One more.
  package mutating func append(_ sample: FigureSample) {
    count += 1
    if !sample.isAbsent { isSilent = false }
    if sample == last {
      repeats += 1
      return
    }
    Self.put(&repeats, &bytes)
    last = sample
    var flags: UInt8 = 0
    if sample.cpu != nil { flags |= 1 }
    if sample.memory != nil { flags |= 2 }
    if sample.tasks != nil { flags |= 4 }
    let steps = base.move(to: sample)
    for (index, step) in steps.enumerated() where step != 0 { flags |= 8 << UInt8(index) }
    if sample.cost != 0 { flags |= 64 }
    if sample.revenue != 0 { flags |= 128 }
    bytes.append(flags)
    for step in steps where step != 0 { Self.put(step, &bytes) }
    if sample.cost != 0 { Self.put(sample.cost, &bytes) }
    if sample.revenue != 0 { Self.put(sample.revenue, &bytes) }
  }

  /// Everything written so far.
  package var encoded: [UInt8] {
    var all = bytes
    var rest = repeats
    Self.put(&rest, &all)
    return all
  }

  /// A change of CPU that is not known cannot be, so its mark stands for `the last one again, so many times`.
  static let again: UInt8 = 8

  private static func put(_ repeats: inout UInt64, _ bytes: inout [UInt8]) {
    guard repeats > 0 else { return }
    bytes.append(again)
    put(unsigned: repeats, &bytes)
    repeats = 0
  }

  private static func put(_ value: Int64, _ bytes: inout [UInt8]) {
    put(unsigned: UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)), &bytes)
  }

  private static func put(unsigned value: UInt64, _ bytes: inout [UInt8]) {
    var rest = value
    while rest > 127 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// The values that differences are counted from: the last known ones.
private struct FigureBase: Sendable, Hashable {
  var cpu: UInt64 = 0, memory: UInt64 = 0, tasks: UInt64 = 0

  /// How far each is from the last known one; 0 for what is not known.
  mutating func move(to sample: FigureSample) -> [Int64] {
    [
      Self.step(&cpu, sample.cpu), Self.step(&memory, sample.memory),
      Self.step(&tasks, sample.tasks),
    ]
  }

  private static func step(_ base: inout UInt64, _ value: UInt64?) -> Int64 {
    guard let value else { return 0 }
    defer { base = value }
    return Int64(bitPattern: value &- base)
  }
}

/// Reads what `FigureEncoder` wrote.
package enum FigureDecoder {
  /// At most so many samples are in one piece: nothing that is written has more.
  package static let most = 3600

  /// The samples; nil when it is not what an encoder writes.
  package static func samples(_ bytes: ArraySlice<UInt8>) -> [FigureSample]? {
    var samples: [FigureSample] = []
    var base = FigureBase()
    var at = bytes.startIndex
    while at < bytes.endIndex {
      let flags = bytes[at]
      at += 1
      if flags == FigureEncoder.again {
        guard let last = samples.last, let count = unsigned(bytes, &at),
          count <= UInt64(most - samples.count)
        else { return nil }
        samples.append(contentsOf: repeatElement(last, count: Int(count)))
        continue
      }
      guard samples.count < most else { return nil }
      var sample = FigureSample()
      guard take(flags, 0, &base.cpu, &sample.cpu, bytes, &at),
        take(flags, 1, &base.memory, &sample.memory, bytes, &at),
        take(flags, 2, &base.tasks, &sample.tasks, bytes, &at)
      else { return nil }
      if flags & 64 != 0 {
        guard let cost = signed(bytes, &at) else { return nil }
        sample.cost = cost
      }
      if flags & 128 != 0 {
        guard let revenue = signed(bytes, &at) else { return nil }
        sample.revenue = revenue
      }
      samples.append(sample)
    }
    return samples
  }

  private static func take(
    _ flags: UInt8, _ place: UInt8, _ base: inout UInt64, _ value: inout UInt64?,
    _ bytes: ArraySlice<UInt8>, _ at: inout Int
  ) -> Bool {
    let isKnown = flags & (1 << place) != 0
    let isChanged = flags & (8 << place) != 0
    if isChanged {
      guard isKnown, let step = signed(bytes, &at) else { return false }
      base = base &+ UInt64(bitPattern: step)
    }
    if isKnown { value = base }
    return true
  }

  private static func signed(_ bytes: ArraySlice<UInt8>, _ at: inout Int) -> Int64? {
    guard let value = unsigned(bytes, &at) else { return nil }
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  private static func unsigned(_ bytes: ArraySlice<UInt8>, _ at: inout Int) -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while at < bytes.endIndex, shift < 64 {
      let byte = bytes[at]
      at += 1
      value |= UInt64(byte & 127) << shift
      if byte < 128 { return value }
      shift += 7
    }
    return nil
  }
}
