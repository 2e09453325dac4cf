// One POST over a Unix socket, repeated while nobody answers. HTTP/1.1 as far as the supervisor speaks it: a status
// line, headers, a body of Content-Length bytes. Must never repeat what was understood and refused.

import Glibc

/// An answer that was understood.
struct Answer: Sendable, Hashable {
  let status: Int
  let body: [UInt8]

  /// An answer from the bytes of a whole connection; nil when it is not one.
  init?(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix("HTTP/1."), let head = Self.endOfHead(bytes) else { return nil }
    let words = text.prefix { $0 != "\r\n" && $0 != "\n" }.split(separator: " ")
    guard words.count >= 2, let status = Int(words[1]), (100...599).contains(status) else {
      return nil
    }
    self.status = status
    body = Array(bytes[head...])
  }

  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    let mark = Array("\r\n\r\n".utf8)
    guard bytes.count >= mark.count else { return nil }
    return (0...(bytes.count - mark.count)).first { Array(bytes[$0..<$0 + mark.count]) == mark }
      .map { $0 + mark.count }
  }

  /// The text of a member, wherever it is; enough for the flat answers of the supervisor.
  func text(_ key: String) -> String? {
    guard let rest = value(key), rest.hasPrefix("\"") else { return nil }
    var result = ""
    var escaped = false
    for character in rest.dropFirst() {
      if escaped {
        result.append(character == "n" ? " " : character)
        escaped = false
      } else if character == "\\" {
        escaped = true
      } else if character == "\"" {
        return result
      } else {
        result.append(character)
      }
    }
    return nil
  }

  /// The whole number of a member.
  func number(_ key: String) -> Int64? {
    value(key).flatMap { Int64($0.prefix { $0.isNumber || $0 == "-" }) }
  }

  private func value(_ key: String) -> Substring? {
    let text = String(decoding: body, as: UTF8.self)
    guard let start = Self.range(of: "\"\(key)\":", in: text) else { return nil }
    return text[start...].drop { $0 == " " }
  }

  private static func range(of needle: String, in text: String) -> String.Index? {
    var at = text.startIndex
    while at < text.endIndex {
      if text[at...].hasPrefix(needle) { return text.index(at, offsetBy: needle.count) }
      at = text.index(after: at)
    }
    return nil
  }
}

extension Supervisor {
  // A supervisor that restarts is back within a second; one that is upgraded within a minute.
  private static let firstWait = Duration.milliseconds(100)
  private static let longestWait = Duration.seconds(5)
  private static let grace = Duration.seconds(5)

  /// Posts until there is an answer.
  func post(_ page: String, _ body: JSONText, _ patience: Duration?) throws(SupervisorError)
    -> Answer
  {
    guard let apiPath else { throw .unreachable("NOVA_SOCKET is not set") }
    let begun = ContinuousClock.now
    var stopped: ContinuousClock.Instant?
    var pause = Self.firstWait
    while true {
      var why = "no answer"
      switch Self.once(apiPath, page, body.bytes) {
      case .success(let answer):
        if answer.status == 200 { return answer }
        let code = answer.text("code") ?? String(answer.status)
        why = answer.text("message") ?? "HTTP \(answer.status)"
        // 5xx but 501: it is starting, stopping or in trouble, so the same again later.
        if answer.status < 500 || answer.status == 501 {
          if code == "budget_exhausted" { throw .budgetExhausted(message: why) }
          throw .refused(code: code, message: why)
        }
      case .failure(let problem): why = problem.what
      }
      let now = ContinuousClock.now
      if isStopping, stopped == nil { stopped = now }
      if let stopped, now - stopped >= Self.grace { throw .unreachable(why) }
      if let patience, now - begun >= patience { throw .unreachable(why) }
      if stopped == nil {
        wait(pause)
      } else {
        _ = poll(nil, 0, 200)
      }
      pause = min(pause * 2, Self.longestWait)
    }
  }

  struct Problem: Error { let what: String }

  private static func once(_ path: String, _ page: String, _ body: [UInt8]) -> Result<
    Answer, Problem
  > {
    func failed(_ call: String) -> Result<Answer, Problem> {
      .failure(Problem(what: "\(call) \(path): \(unsafe String(cString: strerror(errno)))"))
    }
    guard let address = UnixAddress(path) else {
      return .failure(Problem(what: "\(path) is too long for a socket"))
    }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return failed("socket") }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      unsafe _ = setsockopt(descriptor, SOL_SOCKET, option, &limit, size)
    }
    let connected = unsafe address.withPointer { unsafe connect(descriptor, $0, $1) }
    guard connected == 0 else { return failed("connect") }
    let head =
      "POST \(page) HTTP/1.1\r\nHost: nova\r\nContent-Type: application/json\r\n"
      + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
    let request = Array(head.utf8) + body
    var sent = 0
    while sent < request.count {
      let count = unsafe request[sent...].withUnsafeBytes {
        unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return failed("send") }
      sent += count
    }
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    // No answer of the pages that a worker may ask is longer than a mebibyte.
    while received.count < 1 << 20 {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return failed("recv") }
      if count == 0 { break }
      received += buffer[..<count]
    }
    guard let answer = Answer(received) else {
      return .failure(Problem(what: "\(path): no HTTP answer"))
    }
    return .success(answer)
  }
}
