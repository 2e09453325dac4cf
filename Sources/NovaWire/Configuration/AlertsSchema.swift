// `alerts:` of supervisor.yaml: what a channel of each kind needs, and routes that lead somewhere. Must never accept a
// channel that could not send, nor a secret in the file.

import NovaModel

/// Reads channels and routes.
enum AlertsSchema {
  private static let common = ["interval", "kind", "quiet_hours", "timezone"]

  /// The keys of each kind beside the common ones, those that must be there first.
  private static let keys: [AlertChannel.Kind: (needed: [String], also: [String])] = [
    .slack: (["secret"], ["to", "trust", "url"]),
    .twilio: (["account", "from", "secret", "to"], ["trust", "url"]),
    .pagerduty: (["secret"], ["trust", "url"]),
    .smtp: (["from", "to", "url"], ["account", "secret", "trust"]),
    .sendgrid: (["from", "secret", "to"], ["trust", "url"]),
    .webhook: (["url"], ["secret", "trust"]),
    .command: (["command"], []),
    .journal: ([], []),
  ]

  static func read(
    _ top: Section, _ settings: inout AlertSettings, _ judge: inout Judge, zones: inout ZoneTable
  ) {
    guard let node = top["alerts"], !node.isNull,
      let section = judge.section(top, "alerts", keys: ["channels", "routes"])
    else { return }
    if let channels = section["channels"], !channels.isNull {
      guard case .mapping(let entries) = channels.content else {
        return judge.refuse(channels, "alerts.channels must be a mapping, not \(channels.shape)")
      }
      for entry in entries {
        guard WorkerName(entry.key) != nil else {
          judge.refuse(
            line: entry.line, column: entry.column,
            "alerts.channels: \(quoted(entry.key)) is not a name (lower case, digits, - and _)")
          continue
        }
        if let channel = channel(entry, &judge, &zones) { settings.channels.append(channel) }
      }
    }
    routes(section, &settings, &judge)
  }

  private static func channel(
    _ entry: YAMLNode.Entry, _ judge: inout Judge, _ zones: inout ZoneTable
  ) -> AlertChannel? {
    let owner = "alerts.channels.\(entry.key)"
    let all = Set(keys.values.flatMap { $0.needed + $0.also } + common).sorted()
    guard
      let section = judge.section(
        entry.value, owner, prefix: owner + ".", schema: "alerts.channels.*.", keys: all)
    else { return nil }
    var kind = AlertChannel.Kind.journal
    guard section["kind"] != nil else {
      judge.refuse(entry.value, "\(owner) has no kind")
      return nil
    }
    guard judge.read(section, "kind", into: &kind, .choice) != nil, let known = keys[kind] else {
      return nil
    }
    for key in section.entries.keys.sorted()
    where !(known.needed + known.also + common).contains(key) {
      judge.refuse(
        section[key] ?? section.node, "\(owner).\(key): a \(kind.rawValue) channel has no such key")
    }
    for key in known.needed where section[key]?.isNull ?? true {
      judge.refuse(entry.value, "\(owner): a \(kind.rawValue) channel needs \(key)")
    }
    var channel = AlertChannel(name: entry.key, kind: kind)
    judge.read(
      section, "url", into: &channel.url,
      .url(kind == .smtp ? ["smtp", "smtps"] : ["http", "https"]))
    judge.read(section, "secret", into: &channel.secret, .secretName)
    judge.read(section, "account", into: &channel.account, .nonEmpty)
    judge.read(section, "from", into: &channel.from, .nonEmpty)
    judge.read(section, "to", into: &channel.to, .list(.nonEmpty))
    judge.read(section, "command", into: &channel.command, .list(.nonEmpty))
    judge.read(section, "trust", into: &channel.trust, .path)
    var interval: Span?
    judge.read(section, "interval", into: &interval, .duration(.zero ... .seconds(86_400)))
    channel.intervalSeconds = interval.map { Double($0.wholeMilliseconds) / 1000 }
    var timezone = "UTC"
    if judge.read(section, "timezone", into: &timezone, .nonEmpty) != nil {
      judge.require(zone: timezone, section, "timezone", &zones)
    }
    var hours: (Int, Int)?
    if judge.read(section, "quiet_hours", into: &hours, .hours) != nil, let hours {
      channel.quietHours = QuietHours(from: hours.0, until: hours.1, timezone: timezone)
    }
    return channel
  }

  private static func routes(
    _ section: Section, _ settings: inout AlertSettings, _ judge: inout Judge
  ) {
    guard let node = section["routes"], !node.isNull else { return }
    guard case .sequence(let items) = node.content else {
      return judge.refuse(node, "alerts.routes must be a list, not \(node.shape)")
    }
    let names = Set(settings.channels.map(\.name))
    for item in items {
      guard
        let part = judge.section(
          item, "a route", prefix: "alerts.routes.", schema: "alerts.routes.*.",
          keys: ["channels", "severity", "workers"])
      else { continue }
      var route = AlertRoute()
      judge.read(part, "severity", into: &route.severity, .choice)
      judge.read(part, "workers", into: &route.workers, .list(.nonEmpty))
      judge.read(part, "channels", into: &route.channels, .list(.nonEmpty))
      if part["channels"] == nil { judge.refuse(item, "a route needs channels") }
      for name in route.channels where !names.contains(name) {
        judge.refuse(
          part["channels"] ?? item, "alerts.routes.channels: there is no channel \(quoted(name))",
          suggestion: EditDistance.nearest(to: name, among: names.sorted()))
      }
      settings.routes.append(route)
    }
  }
}

extension Kind where Value == String {
  /// An address of one of those schemes, without blanks.
  static func url(_ schemes: [String]) -> Kind {
    .scalar("an address") { (text) throws(Refusal) in
      let scheme = text.prefix { $0 != ":" }
      let rest = text.dropFirst(scheme.count)
      guard schemes.contains(String(scheme)), rest.hasPrefix("://"), rest.utf8.count > 3,
        text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !rest.contains("@")
      else {
        throw Refusal(
          "\(quoted(text)) is not an address such as \(schemes[0])://host/path (a password in it would be no secret)"
        )
      }
      return text
    }
  }
}

extension Kind where Value == (Int, Int) {
  /// `22:00-07:00`, in minutes since midnight.
  static var hours: Kind {
    .scalar("hours") { (text) throws(Refusal) in
      let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(minute)
      guard parts.count == 2, let from = parts[0], let until = parts[1], from != until else {
        throw Refusal("\(quoted(text)) is not a part of the day (such as 22:00-07:00)")
      }
      return (from, until)
    }
  }

  private static func minute(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }),
      let hour = Digits.whole(parts[0]), let minute = Digits.whole(parts[1]), hour < 24,
      minute < 60
    else { return nil }
    return Int(hour) * 60 + Int(minute)
  }
}
