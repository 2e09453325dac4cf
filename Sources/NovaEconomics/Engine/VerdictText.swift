// A verdict read back from its text, and an order in a few words. Must never accept a text that it would write
// differently.

import NovaModel

extension Verdict {
  /// Reads `text`; nil when it is not exactly what a verdict writes.
  package init?(text: String) {
    var values: [Substring: Substring] = [:]
    var alternatives: [Alternative] = []
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      guard parts[0] == "alternative" else {
        values[parts[0]] = parts[1]
        continue
      }
      let words = parts[1].split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      guard words.count == 2, let action = DecisionAction(rawValue: String(words[0])) else {
        return nil
      }
      alternatives.append(Alternative(action: action, reason: String(words[1])))
    }
    func word(_ name: Substring) -> String { values[name].map(String.init) ?? "" }
    guard let worker = WorkerName(word("worker")), let mode = DecisionMode(rawValue: word("mode")),
      let action = DecisionAction(rawValue: word("action")),
      let rule = DecisionRule(rawValue: word("rule")),
      let route = DecisionRoute(rawValue: word("route")), let from = Int(word("from_instances")),
      let to = Int(word("to_instances")), let risk = Int(word("risk_score")),
      let confidence = Double?(factText: word("confidence")),
      let stake = Money?(factText: word("stake_usd"))
    else { return nil }
    self.init(worker: worker, mode: mode)
    self.action = action
    self.rule = rule
    self.reason = word("reason")
    self.fromInstances = from
    self.toInstances = to
    self.confidence = confidence
    self.stake = stake
    self.riskScore = risk
    self.route = route
    self.routeReason = word("route_reason")
    self.alternatives = alternatives
    guard self.text == text else { return nil }
  }

  /// `scale outreach from 1 to 2`.
  package var spokenOrder: String {
    switch action {
    case .none: "do nothing about \(worker)"
    case .scaleUp, .scaleDown: "scale \(worker) from \(fromInstances) to \(toInstances)"
    case .kill: "kill \(worker)"
    case .pause: "pause \(worker)"
    case .resume: "resume \(worker)"
    case .deploy: "deploy \(worker)"
    case .optimise: "put \(worker) in the place of the worker it is an arm of"
    }
  }
}
