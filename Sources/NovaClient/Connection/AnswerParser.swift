// One HTTP/1.1 answer (RFC 9112) from bytes as they come: status, headers, a body by length, in chunks or up to the end
// of the connection. Must never trust a length, hold a header without bound, or read on after the answer's end.

/// Reads one answer piece by piece.
struct AnswerParser {
  /// What the bytes were, if not an answer.
  struct Malformed: Error, Equatable {
    let what: String
  }

  /// The status of the answer; nil until its headers are complete.
  private(set) var status: Int32?
  /// Nothing more belongs to it.
  private(set) var isComplete = false
  /// The bytes of the body that `takeBody` has not given out.
  private(set) var body: [UInt8] = []

  private var pending: [UInt8] = []
  private var framing = Framing.head
  private var left: UInt64 = 0
  private let maximum: Int

  // What a supervisor sends is some 200 bytes.
  private static let headLimit = 65_536

  private enum Framing {
    case head, length, untilEnd
    case chunkSize, chunk, chunkEnd, trailer
  }

  /// An empty parser that refuses to hold more than `maximum` bytes of a body.
  init(maximum: Int) { self.maximum = maximum }

  /// The body as far as it has come; what is taken is forgotten.
  mutating func takeBody() -> [UInt8] {
    defer { body = [] }
    return body
  }

  /// Reads on. Bytes after the end are ignored.
  mutating func take(_ bytes: ArraySlice<UInt8>) throws(Malformed) {
    var rest = bytes
    while !isComplete, !rest.isEmpty {
      switch framing {
      case .length, .untilEnd, .chunk: try takeContent(&rest)
      case .head, .chunkSize, .chunkEnd, .trailer: try takeLine(&rest)
      }
    }
  }

  /// The connection ended: true when the answer did too.
  mutating func end() -> Bool {
    if framing == .untilEnd { isComplete = true }
    return isComplete
  }

  private mutating func takeContent(_ rest: inout ArraySlice<UInt8>) throws(Malformed) {
    let count = framing == .untilEnd ? rest.count : Int(min(UInt64(rest.count), left))
    guard body.count + count <= maximum else {
      throw Malformed(what: "it is longer than \(maximum) bytes")
    }
    body.append(contentsOf: rest.prefix(count))
    rest = rest.dropFirst(count)
    guard framing != .untilEnd else { return }
    left -= UInt64(count)
    guard left == 0 else { return }
    if framing == .length { isComplete = true } else { framing = .chunkEnd }
  }

  private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) throws(Malformed) {
    guard let newline = rest.firstIndex(of: 10) else {
      pending += rest
      rest = []
      guard pending.count <= Self.headLimit else { throw Malformed(what: "a line without an end") }
      return
    }
    pending += rest[..<newline]
    rest = rest[(newline + 1)...]
    if pending.last == 13 { pending.removeLast() }
    let line = String(decoding: pending, as: UTF8.self)
    pending.removeAll(keepingCapacity: true)
    switch framing {
    case .head: try takeHead(line)
    case .chunkSize: try takeChunkSize(line)
    case .chunkEnd:
      guard line.isEmpty else { throw Malformed(what: "a chunk without its end") }
      framing = .chunkSize
    case .trailer: if line.isEmpty { isComplete = true }
    case .length, .untilEnd, .chunk: break
    }
  }

  private var head = Head()

  private struct Head {
    var status: Int32?
    var length: UInt64?
    var isChunked = false
    var bytes = 0
  }

  private mutating func takeHead(_ line: String) throws(Malformed) {
    head.bytes += line.utf8.count + 2
    guard head.bytes <= Self.headLimit else { throw Malformed(what: "its headers have no end") }
    guard let known = head.status else {
      let words = line.split(separator: " ", maxSplits: 2)
      guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3,
        let status = Int32(words[1]), status >= 100
      else { throw Malformed(what: "it is not HTTP") }
      head.status = status
      return
    }
    guard line.isEmpty else { return try takeHeader(line) }
    let done = head
    head = Head()
    // An interim answer (RFC 9110, 15.2) is followed by the one that counts.
    if known < 200 { return }
    status = known
    if known == 204 || known == 304 {
      isComplete = true
    } else if done.isChunked {
      framing = .chunkSize
    } else if let length = done.length {
      guard length <= UInt64(maximum) else {
        throw Malformed(what: "it is longer than \(maximum) bytes")
      }
      framing = .length
      left = length
      body.reserveCapacity(Int(length))
      isComplete = length == 0
    } else {
      framing = .untilEnd
    }
  }

  private mutating func takeHeader(_ line: String) throws(Malformed) {
    guard let colon = line.firstIndex(of: ":") else { throw Malformed(what: "a bad header") }
    let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
    switch line[..<colon].lowercased() {
    case "content-length":
      guard let length = UInt64(value), head.length == nil || head.length == length else {
        throw Malformed(what: "a bad length")
      }
      head.length = length
    case "transfer-encoding":
      guard value.lowercased() == "chunked" else { throw Malformed(what: "an unknown encoding") }
      head.isChunked = true
    default: break
    }
  }

  private mutating func takeChunkSize(_ line: String) throws(Malformed) {
    let digits = line.prefix { $0 != ";" && $0 != " " }
    guard (1...15).contains(digits.utf8.count), let size = UInt64(digits, radix: 16) else {
      throw Malformed(what: "a bad chunk")
    }
    left = size
    framing = size == 0 ? .trailer : .chunk
  }
}
