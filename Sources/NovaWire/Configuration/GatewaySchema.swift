// `gateway:` of supervisor.yaml and of a worker: providers that can be reached, fallbacks that end, workers that name what there
// is. Must never accept a key in the file, nor an address that would carry one in the clear.

import NovaModel

/// Reads both sections.
enum GatewaySchema {
  private static let providerKeys = [
    "daily", "fallback", "key", "kind", "requests_per_minute", "timeout", "tokens_per_minute",
    "url",
  ]
  static let mostRequests = 1_000_000
  static let mostTokens = 1_000_000_000_000

  /// `gateway:` of supervisor.yaml.
  static func read(_ top: Section, _ settings: inout GatewaySettings, _ judge: inout Judge) {
    let keys = ["listen", "other_paths", "providers", "unknown_model"]
    guard let node = top["gateway"], !node.isNull,
      let section = judge.section(top, "gateway", keys: keys)
    else { return }
    judge.read(section, "listen", into: &settings.listen, .address)
    judge.read(section, "unknown_model", into: &settings.unknownModel, .choice)
    judge.read(section, "other_paths", into: &settings.otherPaths, .choice)
    guard let providers = section["providers"], !providers.isNull else { return }
    guard case .mapping(let entries) = providers.content else {
      return judge.refuse(
        providers, "gateway.providers must be a mapping, not \(providers.shape)")
    }
    for entry in entries {
      guard WorkerName(entry.key) != nil else {
        judge.refuse(
          line: entry.line, column: entry.column,
          "gateway.providers: \(quoted(entry.key)) \(NameRule.complaint)")
        continue
      }
      // The books call a provider's costs by its name.
      guard entry.key != "compute", entry.key != "idle" else {
        judge.refuse(
          line: entry.line, column: entry.column,
          "gateway.providers: \(quoted(entry.key)) is the supervisor's own name (choose another)")
        continue
      }
      judge.gatewayProviders.append(entry.key)
      if let provider = provider(entry, &judge) { settings.providers.append(provider) }
    }
    for entry in entries { checkFallback(entry, settings.providers, &judge) }
  }

  private static func provider(_ entry: YAMLNode.Entry, _ judge: inout Judge) -> GatewayProvider? {
    let owner = "gateway.providers.\(entry.key)"
    guard
      let section = judge.section(
        entry.value, owner, prefix: owner + ".", schema: "gateway.providers.*.",
        keys: providerKeys)
    else { return nil }
    for key in ["kind", "url", "key"] where section[key]?.isNull ?? true {
      judge.refuse(entry.value, "\(owner) has no \(key)")
    }
    var provider = GatewayProvider(name: entry.key, kind: .anthropic, url: "", keySecret: "")
    let kind = judge.read(section, "kind", into: &provider.kind, .choice)
    let url = judge.read(section, "url", into: &provider.url, .providerURL)
    let key = judge.read(section, "key", into: &provider.keySecret, .secretName)
    judge.read(section, "fallback", into: &provider.fallback, .nonEmpty)
    var daily: Money?
    judge.read(section, "daily", into: &daily, .money)
    provider.dailyUSD = daily?.decimal
    judge.read(
      section, "requests_per_minute", into: &provider.requestsPerMinute, .whole(1...mostRequests))
    judge.read(
      section, "tokens_per_minute", into: &provider.tokensPerMinute, .whole(1...mostTokens))
    var timeout = Span.seconds(Int64(provider.timeoutSeconds))
    judge.read(section, "timeout", into: &timeout, .wholeSeconds(1...3600))
    provider.timeoutSeconds = Int(timeout.wholeSeconds)
    return kind == nil || url == nil || key == nil ? nil : provider
  }

  private static func checkFallback(
    _ entry: YAMLNode.Entry, _ providers: [GatewayProvider], _ judge: inout Judge
  ) {
    guard let own = providers.first(where: { $0.name == entry.key }), let name = own.fallback,
      case .mapping(let members) = entry.value.content,
      let node = members.first(where: { $0.key == "fallback" })?.value
    else { return }
    let key = "gateway.providers.\(own.name).fallback"
    guard let other = providers.first(where: { $0.name == name }) else {
      // One that is there and was refused has its own complaint.
      guard !judge.gatewayProviders.contains(name) else { return }
      return judge.refuse(
        node, "\(key): there is no provider \(quoted(name))",
        suggestion: EditDistance.nearest(to: name, among: judge.gatewayProviders.sorted()))
    }
    guard other.kind == own.kind else {
      return judge.refuse(
        node,
        "\(key): \(quoted(name)) speaks \(other.kind.rawValue), not \(own.kind.rawValue): it would not understand the call"
      )
    }
    var path = [own.name]
    var next: String? = name
    while let step = next {
      path.append(step)
      if step == own.name {
        return judge.refuse(node, "\(key): makes a cycle: " + path.joined(separator: " -> "))
      }
      // A cycle further on is told where it closes.
      if path.dropLast().contains(step) { return }
      next = providers.first { $0.name == step }?.fallback
    }
  }

  /// `gateway:` of a worker. Its network must have been read before.
  static func worker(_ top: Section, _ spec: inout WorkerSpec, _ judge: inout Judge) {
    let keys = [
      "cache", "concurrent", "egress", "models", "providers", "requests_per_minute",
      "tokens_per_minute",
    ]
    guard let node = top["gateway"], !node.isNull,
      let section = judge.section(top, "gateway", keys: keys)
    else { return }
    var own = WorkerGateway()
    judge.read(section, "providers", into: &own.providers, .list(.nonEmpty))
    judge.read(section, "models", into: &own.models, .list(.nonEmpty))
    judge.read(
      section, "requests_per_minute", into: &own.requestsPerMinute, .whole(1...mostRequests))
    judge.read(section, "tokens_per_minute", into: &own.tokensPerMinute, .whole(1...mostTokens))
    judge.read(section, "concurrent", into: &own.concurrent, .whole(1...10_000))
    var cache = Span.zero
    judge.read(section, "cache", into: &cache, .wholeSeconds(0...86_400))
    own.cacheSeconds = Int(cache.wholeSeconds)
    judge.read(section, "egress", into: &own.egress, .list(.egress))
    spec.gateway = own
    checkProviders(own, section, &judge)
    if !own.egress.isEmpty, spec.security.network != .gateway {
      // Who writes a list believes that nothing else is reached.
      let network = spec.security.network.rawValue
      judge.refuse(
        section["egress"] ?? node,
        "gateway.egress: security.network: \(network) is not held to it (use network: gateway)")
    }
    guard !own.providers.isEmpty, spec.security.network == .none else { return }
    judge.refuse(
      section["providers"] ?? node,
      "gateway.providers: security.network: none reaches no gateway (use network: gateway, or host)"
    )
  }

  private static func checkProviders(
    _ own: WorkerGateway, _ section: Section, _ judge: inout Judge
  ) {
    guard let list = section["providers"], case .sequence(let items) = list.content else { return }
    var seen: Set<String> = []
    for (item, name) in zip(items, own.providers) {
      if !seen.insert(name).inserted {
        judge.refuse(item, "gateway.providers: \(quoted(name)) is there twice")
      } else if !judge.gatewayProviders.contains(name) {
        let known = judge.gatewayProviders.sorted()
        judge.refuse(
          item,
          "gateway.providers: there is no provider \(quoted(name))"
            + (known.isEmpty ? " (gateway.providers of supervisor.yaml is empty)" : ""),
          suggestion: EditDistance.nearest(to: name, among: known))
      }
    }
  }

  /// Workers of the host's network need an address to find the gateway at; said once both files are known.
  static func checkReach(
    _ workers: [WorkerName: WorkerSpec], _ settings: GatewaySettings, _ judge: inout Judge
  ) {
    // Who names a provider that is not there is told that, and nothing more.
    guard settings.listen == nil, !settings.providers.isEmpty else { return }
    for spec in workers.values.sorted(by: { $0.name < $1.name })
    where !spec.gateway.providers.isEmpty && spec.security.network == .host {
      let place = spec.origin.split(separator: ":").last.flatMap { Int($0) } ?? 1
      let file = spec.origin.split(separator: ":").dropLast().joined(separator: ":")
      judge.refuse(
        line: place, column: 1,
        "worker '\(spec.name)' of the host's network cannot reach the gateway "
          + "(set gateway.listen in supervisor.yaml, such as 127.0.0.1:7481, or its security.network: gateway)",
        file: file)
    }
  }
}

extension Kind where Value == Span {
  /// A duration of whole seconds.
  static func wholeSeconds(_ range: ClosedRange<Int64>) -> Kind {
    duration(.seconds(range.lowerBound) ... .seconds(range.upperBound)).checked {
      (span) throws(Refusal) in
      if span != .seconds(span.wholeSeconds) { throw Refusal("must be whole seconds") }
    }
  }
}

extension Kind where Value == String {
  /// Where a provider is: what carries its key is encrypted, unless it stays on this machine.
  static var providerURL: Kind {
    text.checked { (text) throws(Refusal) in
      let scheme = ["https://", "http://"].first { text.hasPrefix($0) }
      let rest = text.dropFirst(scheme?.utf8.count ?? 0)
      guard let scheme, !rest.isEmpty, text.utf8.count <= 2048, !rest.hasPrefix("/"),
        !rest.hasPrefix(":"), rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
        !rest.contains(where: { "@?#\"\\".contains($0) })
      else {
        throw Refusal("\(quoted(text)) is not an address such as https://api.anthropic.com")
      }
      guard scheme == "http://" else { return }
      let authority = rest.prefix { $0 != "/" }
      let host =
        authority.hasPrefix("[")
        ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
      guard isLoopback(host) else {
        throw Refusal("\(quoted(text)) would send the key in the clear (use https://)")
      }
    }
  }

  /// `HOST:PORT` of one host.
  static var egress: Kind {
    address.checked { (text) throws(Refusal) in
      let host = text.prefix(upTo: text.lastIndex(of: ":") ?? text.endIndex)
      let isName = host.utf8.allSatisfy { byte in
        Digits.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          || ".-".utf8.contains(byte)
      }
      let isV6 =
        host.hasPrefix("[") && host.hasSuffix("]")
        && host.dropFirst().dropLast().utf8.allSatisfy {
          "0123456789abcdefABCDEF:.".utf8.contains($0)
        }
      guard isName || isV6, host.utf8.count <= 255 else {
        throw Refusal("\(quoted(text)) is not one host and its port (such as api.stripe.com:443)")
      }
    }
  }
}
