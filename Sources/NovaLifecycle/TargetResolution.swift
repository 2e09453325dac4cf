// From what a person typed to targets: all of them or none, so that a typing error acts on nobody.
// Must never guess: a near name is suggested, not used.

import NovaModel

/// The names there are, and how patterns find them.
struct TargetResolution {
  /// Every worker with its instance numbers, sorted by name.
  let workers: [(name: WorkerName, numbers: [Int])]

  /// The targets of `patterns`, in order, each once; an instance of a worker that is a target itself is left out.
  func resolve(_ patterns: [String]) -> Result<[Request.Target], UnknownTarget> {
    var found: [Request.Target] = []
    var seen: Set<Request.Target> = []
    for pattern in patterns {
      guard let targets = targets(of: pattern) else {
        return .failure(UnknownTarget(pattern: pattern, suggestion: suggestion(for: pattern)))
      }
      for target in targets where seen.insert(target).inserted { found.append(target) }
    }
    return .success(
      found.filter {
        guard case .instance(let id) = $0 else { return true }
        return !seen.contains(.worker(id.worker))
      })
  }

  private func targets(of pattern: String) -> [Request.Target]? {
    if pattern == "--all" || pattern == "*" { return workers.map { .worker($0.name) } }
    let halves = pattern.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard let head = halves.first else { return nil }
    let matching = workers.filter {
      Glob.matches(Array($0.name.text.utf8), pattern: Array(head.utf8))
    }
    guard halves.count == 2 else {
      return matching.isEmpty ? nil : matching.map { .worker($0.name) }
    }
    let ids = matching.flatMap { worker in
      worker.numbers.filter { Glob.matches(Array(String($0).utf8), pattern: Array(halves[1].utf8)) }
        .map { Request.Target.instance(InstanceID(worker: worker.name, number: $0)) }
    }
    return ids.isEmpty ? nil : ids
  }

  private func suggestion(for pattern: String) -> String? {
    let head = pattern.split(separator: "@", omittingEmptySubsequences: false).first ?? ""
    let typed = Array(head.utf8.prefix(64))
    // A third of the letters may be wrong, at least one; beyond that a suggestion only confuses.
    let most = max(1, typed.count / 3)
    var best: (distance: Int, name: WorkerName, numbers: [Int])?
    for (name, numbers) in workers {
      let letters = Array(name.text.utf8)
      guard abs(letters.count - typed.count) <= most else { continue }
      let distance = Self.distance(typed, letters)
      if distance <= most, distance < best?.distance ?? .max { best = (distance, name, numbers) }
    }
    guard let best else { return nil }
    // The worker exists, the instance does not: the highest there is.
    if pattern.contains("@"), let last = best.numbers.last { return "\(best.name)@\(last)" }
    return best.name.text
  }

  /// Edit distance with neighbouring letters exchanged counted as one (optimal string alignment).
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var older = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in 1...a.count {
      var row = [i] + [Int](repeating: 0, count: b.count)
      for j in 1...b.count {
        let cost = a[i - 1] == b[j - 1] ? 0 : 1
        row[j] = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + cost)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          row[j] = min(row[j], older[j - 2] + 1)
        }
      }
      older = previous
      previous = row
    }
    return previous[b.count]
  }
}
