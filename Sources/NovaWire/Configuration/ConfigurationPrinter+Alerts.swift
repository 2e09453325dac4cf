// `alerts:` of a supervisor.yaml as text that loads back to the same. Must never print a secret: only its name is known.

import NovaModel

extension ConfigurationPrinter {
  /// The lines of the channels and the routes.
  static func alerts(_ settings: AlertSettings) -> [String] {
    guard settings != AlertSettings() else { return ["alerts: {}"] }
    return ["alerts:", "  channels:"] + settings.channels.map(channel)
      + ["  routes:\(settings.routes.isEmpty ? " []" : "")"] + settings.routes.map(route)
  }

  private static func channel(_ channel: AlertChannel) -> String {
    var keys = ["kind: \(channel.kind.rawValue)"]
    let words = [
      ("url", channel.url), ("secret", channel.secret), ("account", channel.account),
      ("from", channel.from), ("trust", channel.trust),
    ]
    for case (let name, let value?) in words { keys.append("\(name): \(text(value))") }
    if !channel.to.isEmpty { keys.append("to: \(list(channel.to))") }
    if !channel.command.isEmpty { keys.append("command: \(list(channel.command))") }
    if let seconds = channel.intervalSeconds {
      keys.append("interval: \(Int64((seconds * 1000).rounded()))ms")
    }
    if let quiet = channel.quietHours {
      keys.append("quiet_hours: \"\(clock(quiet.from))-\(clock(quiet.until))\"")
      keys.append("timezone: \(text(quiet.timezone))")
    }
    return "    \(text(channel.name)): { \(keys.joined(separator: ", ")) }"
  }

  private static func route(_ route: AlertRoute) -> String {
    "    - { severity: \(route.severity.rawValue), workers: \(list(route.workers)), "
      + "channels: \(list(route.channels)) }"
  }

  /// `07:05`, from minutes since midnight.
  private static func clock(_ minutes: Int) -> String {
    let (hour, minute) = minutes.quotientAndRemainder(dividingBy: 60)
    return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
  }
}
