// The samples of many workers over one minute as one piece, so that a fleet's minute is some few rows on the disk.
// Must never be searched for a worker that belongs to another shard.

/// Puts a sheet together: of each worker its name and its samples' bytes.
package struct FigureSheet: Sendable, Hashable {
  /// How many sheets a minute is divided into, so that a question about one worker reads little of the others.
  package static let shards = 16
  /// What it is on the disk.
  package private(set) var bytes: [UInt8] = []

  /// An empty one.
  package init() {}

  /// In which sheet a worker's samples are.
  package static func shard(of worker: WorkerName) -> Int {
    Int(FNV1a<UInt32>(worker.text).value % UInt32(shards))
  }

  /// Adds one worker's. A name has at most 63 bytes, a minute's samples some hundred: what does not fit is left out.
  package mutating func add(_ worker: WorkerName, _ samples: [UInt8]) {
    let name = Array(worker.text.utf8)
    guard name.count < 256, samples.count < 65_536 else { return }
    bytes.append(UInt8(name.count))
    bytes.append(contentsOf: name)
    bytes.append(UInt8(samples.count & 255))
    bytes.append(UInt8(samples.count >> 8))
    bytes.append(contentsOf: samples)
  }

  /// Hands every worker's samples over; false when it is damaged.
  @discardableResult
  package static func each(
    in bytes: [UInt8], _ body: (ArraySlice<UInt8>, ArraySlice<UInt8>) -> Void
  ) -> Bool {
    var at = 0
    while at < bytes.count {
      let name = at + 1..<at + 1 + Int(bytes[at])
      guard name.upperBound + 2 <= bytes.count else { return false }
      let length = Int(bytes[name.upperBound]) | Int(bytes[name.upperBound + 1]) << 8
      let samples = name.upperBound + 2..<name.upperBound + 2 + length
      guard samples.upperBound <= bytes.count else { return false }
      body(bytes[name], bytes[samples])
      at = samples.upperBound
    }
    return true
  }

  /// The samples of one worker; nil when they are not in it.
  package static func samples(of worker: WorkerName, in bytes: [UInt8]) -> [FigureSample]? {
    var found: [FigureSample]?
    let wanted = Array(worker.text.utf8)
    each(in: bytes) { name, samples in
      if found == nil, name.elementsEqual(wanted) { found = FigureDecoder.samples(samples) }
    }
    return found
  }
}
