// A stream of bytes cut into lines. Must never hold more than one line, and no line without bound.

/// Collects bytes and gives out whole lines.
struct LineSplitter {
  /// 1 MiB: longer than any line the supervisor sends; what is longer is cut there.
  static let limit = 1 << 20
  private var pending: [UInt8] = []

  /// The lines that `bytes` complete, without their newline.
  mutating func take(_ bytes: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var start = bytes.startIndex
    while let end = bytes[start...].firstIndex(of: 0x0A) {
      lines.append(pending + bytes[start..<end])
      pending = []
      start = end + 1
    }
    pending += bytes[start...]
    if pending.count > Self.limit {
      lines.append(pending)
      pending = []
    }
    return lines
  }

  /// What is left when the stream ended.
  mutating func rest() -> [UInt8]? {
    defer { pending = [] }
    return pending.isEmpty ? nil : pending
  }
}
