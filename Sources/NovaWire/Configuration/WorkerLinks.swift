// `requires` and `after` over all files: every name must exist and the order must have no cycle.
// Must never recurse: a chain may be as long as the fleet.

import NovaModel

/// One name in a worker's `requires` or `after`, and where it stands.
struct WorkerLink {
  var from: WorkerName
  var to: WorkerName
  var key: String
  var file: String
  var line: Int
  var column: Int
}

/// Judges the links of a whole fleet.
enum WorkerLinks {
  // A cycle over hundreds of workers is named by its ends.
  private static let longestPath = 12
  // A worker that everybody requires, and that requires them, closes thousands.
  private static let mostCycles = 20

  /// Notes unknown names and cycles. `names` are all workers that were written down, good or bad.
  static func check(_ links: [WorkerLink], names: Set<WorkerName>, _ judge: inout Judge) {
    var outgoing: [WorkerName: [WorkerLink]] = [:]
    for link in links {
      if names.contains(link.to) {
        outgoing[link.from, default: []].append(link)
      } else {
        judge.refuse(
          line: link.line, column: link.column,
          "\(link.key): there is no worker '\(link.to)'",
          suggestion: EditDistance.nearest(to: link.to.text, among: names.map(\.text)),
          file: link.file)
      }
    }
    for cycle in cycles(outgoing) {
      guard let closing = cycle.last else { continue }
      var names = (cycle.map(\.from) + [closing.to]).map(\.text)
      if names.count > longestPath {
        names.replaceSubrange((longestPath - 2)..<(names.count - 2), with: ["…"])
      }
      let path = names.joined(separator: " -> ")
      judge.refuse(
        line: closing.line, column: closing.column, "\(closing.key): makes a cycle: \(path)",
        file: closing.file)
    }
  }

  /// One cycle for each link that closes one, each beginning at the worker to which that link leads back.
  private static func cycles(_ outgoing: [WorkerName: [WorkerLink]]) -> [[WorkerLink]] {
    var found: [[WorkerLink]] = []
    var finished: Set<WorkerName> = []
    for start in outgoing.keys.sorted() where !finished.contains(start) {
      // The path from `start`, each step with the links it has not followed yet.
      var path: [WorkerLink] = []
      var open: [(name: WorkerName, rest: ArraySlice<WorkerLink>)] = [
        (start, outgoing[start, default: []][...])
      ]
      var positions = [start: 0]
      while found.count < mostCycles, var top = open.popLast() {
        guard let link = top.rest.popFirst() else {
          finished.insert(top.name)
          positions[top.name] = nil
          _ = path.popLast()
          continue
        }
        open.append(top)
        if let position = positions[link.to] {
          found.append(path[position...] + [link])
        } else if !finished.contains(link.to) {
          path.append(link)
          positions[link.to] = open.count
          open.append((link.to, outgoing[link.to, default: []][...]))
        }
      }
    }
    return found
  }
}
