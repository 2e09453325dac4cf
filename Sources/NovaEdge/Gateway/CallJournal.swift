// What the gateway must know after it was killed: which reservations it made, which calls were under way and which were not told
// yet. Must never hold a key or a word of what was asked.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

/// What a journal says is still to be done.
struct JournalRest: Sendable, Hashable {
  /// Reservations that were asked for, by key, whose answer is not known.
  var asked: [String: [UInt8]] = [:]
  /// Reservations that are not closed.
  var open: Set<Int64> = []
  /// Calls to be told, with what they cost; those that were under way with the most that they can have.
  var calls: [GatewayCall] = []

  /// Nothing is left: the journal may be emptied.
  var isEmpty: Bool { asked.isEmpty && open.isEmpty && calls.isEmpty }
}

/// Lines of one letter, a space and what it is about.
struct CallJournal: ~Copyable {
  private var file: AppendFile
  /// A line could not be written: nothing new may begin.
  private(set) var trouble: String?

  /// 1 MiB: some 2,000 calls; it is emptied when nothing is under way, and rewritten above it.
  static let largest = 1 << 20

  init(path: String) throws(SystemError) {
    file = try AppendFile(path)
  }

  /// Whether it has become long.
  var isLong: Bool { file.size > Self.largest }

  /// A reservation will be asked for with this body.
  mutating func asks(_ key: String, _ body: [UInt8]) { put("R", key, body) }
  /// It was refused, or is over before it was made.
  mutating func refused(_ key: String) { put("X", key) }
  /// It was made.
  mutating func opened(_ key: String, _ reservation: Int64) {
    put("T", key, Array(String(reservation).utf8))
  }
  /// It is closed, and the supervisor has it on its disk.
  mutating func closed(_ reservation: Int64) { put("C", String(reservation)) }
  /// A call begins: what it costs if nothing more is heard of it.
  mutating func begins(_ call: GatewayCall) { put("B", call.id, call.bytes) }
  /// A call is over.
  mutating func ends(_ call: GatewayCall) { put("E", call.id, call.bytes) }
  /// The supervisor has these on its disk.
  mutating func booked(_ ids: [String]) {
    if !ids.isEmpty { put("D", ids.joined(separator: " ")) }
  }

  /// Forgets everything that is done: the file then holds `rest` alone.
  mutating func rewrite(_ rest: JournalRest) {
    var lines: [UInt8] = []
    for (key, body) in rest.asked { lines += Self.line("R", key, body) }
    for reservation in rest.open { lines += Self.line("T", "", Array(String(reservation).utf8)) }
    for call in rest.calls { lines += Self.line("B", call.id, call.bytes) }
    do throws(SystemError) {
      try file.replace(with: lines)
      trouble = nil
    } catch {
      trouble = error.message
    }
  }

  private mutating func put(_ letter: String, _ word: String, _ body: [UInt8] = []) {
    do throws(SystemError) {
      try file.append(Self.line(letter, word, body))
      trouble = nil
    } catch {
      trouble = error.message
    }
  }

  private static func line(_ letter: String, _ word: String, _ body: [UInt8]) -> [UInt8] {
    var line = Array("\(letter) \(word)".utf8)
    if !body.isEmpty { line += [0x20] + body }
    return line + [0x0A]
  }

  /// What the file of the gateway before us says. A last line without its end was not written whole and counts for nothing.
  static func read(_ bytes: [UInt8]) -> JournalRest {
    var rest = JournalRest()
    var calls: [String: GatewayCall] = [:]
    let end = bytes.lastIndex(of: 0x0A) ?? 0
    for line in bytes[..<end].split(separator: 0x0A) {
      let parts = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count >= 2 else { continue }
      let word = String(decoding: parts[1], as: UTF8.self)
      let body = parts.count == 3 ? Array(parts[2]) : []
      switch parts[0].first {
      case UInt8(ascii: "R"): rest.asked[word] = body
      case UInt8(ascii: "X"): rest.asked[word] = nil
      case UInt8(ascii: "T"):
        rest.asked[word] = nil
        if let id = Int64(String(decoding: body, as: UTF8.self)) { rest.open.insert(id) }
      case UInt8(ascii: "C"): if let id = Int64(word) { rest.open.remove(id) }
      case UInt8(ascii: "B"), UInt8(ascii: "E"):
        calls[word] = try? APICoding.decodeAnswer(GatewayCall.self, from: body)
      case UInt8(ascii: "D"):
        calls[word] = nil
        for id in body.split(separator: 0x20) { calls[String(decoding: id, as: UTF8.self)] = nil }
      default: continue
      }
    }
    rest.calls = calls.values.sorted { $0.id < $1.id }
    return rest
  }
}
