// The environment names of the original NovaOS and the settings they override.
// Must never look at a name outside this table: the same file holds secrets.

import NovaModel

/// Settings by their legacy names.
package enum LegacyNames {
  /// The names that override a setting, in the order of `.env.example`.
  package static let all = [
    "AUTONOMOUS_ENABLED", "DECISION_MODE", "MAX_DAILY_BUDGET", "MIN_ROI_THRESHOLD",
    "SCALE_ROI_THRESHOLD", "KILL_ROI_THRESHOLD", "REQUIRE_APPROVAL_ABOVE",
  ]

  private enum DecisionMode: String, CaseIterable { case threshold, evidence }

  /// Puts the values over those of the file; an empty one is one that was not set.
  static func apply(
    _ values: [String: String], to settings: inout SupervisorSettings, _ judge: inout Judge
  ) {
    for name in all {
      guard let text = values[name], !text.isEmpty else { continue }
      do throws(Refusal) {
        try set(name, text, &settings)
      } catch {
        judge.refuse(
          line: 0, column: 0, error.message, suggestion: error.suggestion,
          file: "environment variable \(name)")
      }
    }
  }

  private static func set(
    _ name: String, _ text: String, _ settings: inout SupervisorSettings
  ) throws(Refusal) {
    let node = YAMLNode(line: 0, column: 0, content: .scalar(text, plain: true))
    switch name {
    case "AUTONOMOUS_ENABLED":
      // The original read it as a Python-style word.
      switch text.lowercased() {
      case "1", "true", "yes", "on": settings.autonomous = true
      case "0", "false", "no", "off": settings.autonomous = false
      default: throw Refusal("\(quoted(text)) is not true or false")
      }
    case "DECISION_MODE":
      settings.decisionMode = try Kind<DecisionMode>.choice.convert(node).rawValue
    case "MAX_DAILY_BUDGET": settings.dailyBudget = try Kind<Money>.money.convert(node)
    case "MIN_ROI_THRESHOLD": settings.thresholds.minROIPercent = try percent(text)
    case "SCALE_ROI_THRESHOLD": settings.thresholds.scaleROIPercent = try percent(text)
    case "KILL_ROI_THRESHOLD": settings.thresholds.killROIPercent = try percent(text)
    default: settings.thresholds.requireApprovalAbove = try Kind<Money>.money.convert(node)
    }
  }

  /// The original's numbers may carry a fraction of zeros: `150.0`.
  private static func percent(_ text: String) throws(Refusal) -> Int {
    var whole = text[...]
    if let point = text.firstIndex(of: "."),
      text[text.index(after: point)...].allSatisfy({ $0 == "0" })
    {
      whole = text[..<point]
    }
    let node = YAMLNode(line: 0, column: 0, content: .scalar(String(whole), plain: true))
    return try Kind<Int>.percent(-100...100_000).convert(node)
  }
}
