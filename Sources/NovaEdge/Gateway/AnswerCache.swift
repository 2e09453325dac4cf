// Answers that may be given again to the same question of the same worker, where its configuration asks for that. Must never give
// one worker what another was answered, nor grow without bound.

import NovaModel

/// Whole answers, for a while.
struct AnswerCache {
  /// One answer.
  struct Answer: Sendable {
    let contentType: String
    let headers: [(String, String)]
    let body: [UInt8]
    let until: Instant
    /// What it cost when it was bought, pico-dollars.
    var cost: Int64
  }

  /// SHA-256 of worker, provider, path and body.
  private var answers: [[UInt8]: Answer] = [:]
  private var order: [[UInt8]] = []
  private var bytes = 0

  /// 64 MiB in all, and nothing above 4 MiB: more than any answer of a model.
  static let most = 64 << 20
  static let largest = 4 << 20

  /// The key of a question.
  static func key(_ worker: String, _ provider: String, _ endpoint: String, _ body: [UInt8])
    -> [UInt8]?
  {
    Crypto.digest(Array("\(worker)\0\(provider)\0\(endpoint)\0".utf8) + body)
  }

  /// The answer, if it is still good.
  mutating func find(_ key: [UInt8], at now: Instant) -> Answer? {
    guard let answer = answers[key] else { return nil }
    guard answer.until > now else {
      remove(key)
      return nil
    }
    return answer
  }

  /// Keeps an answer; the oldest give way.
  mutating func keep(_ answer: Answer, for key: [UInt8]) {
    guard answer.body.count <= Self.largest else { return }
    remove(key)
    answers[key] = answer
    order.append(key)
    bytes += answer.body.count
    while bytes > Self.most, let oldest = order.first { remove(oldest) }
  }

  private mutating func remove(_ key: [UInt8]) {
    guard let old = answers.removeValue(forKey: key) else { return }
    bytes -= old.body.count
    order.removeAll { $0 == key }
  }
}
