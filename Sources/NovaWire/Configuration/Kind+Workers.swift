// The kinds of values that only workers have: commands, ports, URLs, schedules, names of several sorts.
// Must never accept what would fail at the first start.

import NovaModel

extension Kind where Value == WorkerSpec.Command {
  /// A list to exec, or a string for the shell.
  static var command: Kind {
    Kind { (node) throws(Refusal) in
      guard case .sequence = node.content else {
        let text = try Kind<String>.expandable.convert(node)
        guard !text.allSatisfy(\.isWhitespace) else { throw Refusal("is empty") }
        return .shell(text)
      }
      let words = try Kind<[String]>.list(.expandable).convert(node)
      guard let first = words.first else { throw Refusal("is an empty list") }
      guard !first.isEmpty else { throw Refusal("has no program: its first word is empty") }
      return .arguments(words)
    }
  }
}

extension Kind where Value == CronExpression {
  /// A crontab expression.
  static var cron: Kind {
    .scalar("a schedule") { (text) throws(Refusal) in
      do throws(CronError) {
        return try CronText.parse(text)
      } catch {
        throw Refusal("\(quoted(text)): \(error.message)")
      }
    }
  }
}

extension Kind where Value == WorkerName {
  /// The name of a worker.
  static var workerName: Kind {
    .scalar("the name of a worker") { (text) throws(Refusal) in
      guard let name = WorkerName(text) else {
        throw Refusal("\(quoted(text)) \(NameRule.complaint)")
      }
      return name
    }
  }
}

/// The rule for names in words.
enum NameRule {
  static let complaint =
    "is not a valid name (lower-case letters, digits, - and _, at most 63, not starting with - or _)"
}

extension Kind where Value == String {
  /// The name of a health check: the same rule as a worker's.
  static var checkName: Kind {
    text.checked { (text) throws(Refusal) in
      guard WorkerName(text) != nil else {
        throw Refusal("\(quoted(text)) \(NameRule.complaint)")
      }
    }
  }

  /// A path that may begin with `-`: then the file may be absent.
  static var optionalPath: Kind {
    expandable.checked { (text) throws(Refusal) in
      guard text.hasPrefix("/") || text.hasPrefix("-/") else {
        throw Refusal("\(quoted(text)) is not an absolute path")
      }
    }
  }

  /// The name of a secret, which becomes a file name in $CREDENTIALS_DIRECTORY.
  static var secretName: Kind {
    text.checked { (text) throws(Refusal) in
      let allowed = text.utf8.allSatisfy { byte in
        Digits.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          || "_.-".utf8.contains(byte)
      }
      // NAME_MAX is 255.
      guard allowed, (1...255).contains(text.utf8.count), !text.hasPrefix(".") else {
        throw Refusal("\(quoted(text)) is not the name of a secret (letters, digits, _ . -)")
      }
    }
  }

  /// A port on this machine: a number once its specifiers are expanded for the first and the last instance.
  static func port(for spec: WorkerSpec) -> Kind {
    expandable.checked { (text) throws(Refusal) in
      for number in [1, max(1, spec.instances)] {
        let port = Specifiers.expanded(text, worker: spec.name, number: number)
        guard let value = Digits.whole(port), (1...65_535).contains(value) else {
          let became = port == text ? "" : " (it becomes \(quoted(port)) for instance \(number))"
          throw Refusal("\(quoted(text)) is not a port from 1 to 65535\(became)")
        }
      }
    }
  }

  /// A URL of this machine: the supervisor speaks to the loopback and nothing else.
  static var url: Kind {
    expandable.checked { (text) throws(Refusal) in
      let scheme = ["http://", "https://"].first { text.hasPrefix($0) }
      guard let scheme, text.utf8.count <= 2048,
        text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
      else { throw Refusal("\(quoted(text)) is not an http:// or https:// URL") }
      let authority = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
      let host =
        authority.hasPrefix("[")
        ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
      guard isLoopback(host), authority.dropFirst(host.count).allSatisfy({ $0 != "@" }) else {
        throw Refusal(
          "\(quoted(text)) is not on this machine (use 127.0.0.1, localhost or [::1])")
      }
    }
  }

  static func isLoopback(_ host: Substring) -> Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { Digits.whole($0).map { $0 <= 255 } ?? false }
  }

  /// A name of capabilities(7), with or without `cap_`, in any case; kept as `cap_…`.
  static var capability: Kind {
    .scalar("the name of a capability") { (text) throws(Refusal) in
      var name = text.lowercased()
      if !name.hasPrefix("cap_") { name = "cap_" + name }
      guard CapabilityNames.all.contains(name) else {
        throw Refusal(
          "there is no capability \(quoted(text))",
          // Without the prefix, which would make every short name look alike.
          suggestion: EditDistance.nearest(
            to: String(name.dropFirst(4)),
            among: CapabilityNames.all.map { String($0.dropFirst(4)) }))
      }
      return name
    }
  }
}

/// The table of capabilities(7) up to Linux 6.1.
enum CapabilityNames {
  static let all: [String] = [
    "cap_chown", "cap_dac_override", "cap_dac_read_search", "cap_fowner", "cap_fsetid", "cap_kill",
    "cap_setgid", "cap_setuid", "cap_setpcap", "cap_linux_immutable", "cap_net_bind_service",
    "cap_net_broadcast", "cap_net_admin", "cap_net_raw", "cap_ipc_lock", "cap_ipc_owner",
    "cap_sys_module", "cap_sys_rawio", "cap_sys_chroot", "cap_sys_ptrace", "cap_sys_pacct",
    "cap_sys_admin", "cap_sys_boot", "cap_sys_nice", "cap_sys_resource", "cap_sys_time",
    "cap_sys_tty_config", "cap_mknod", "cap_lease", "cap_audit_write", "cap_audit_control",
    "cap_setfcap", "cap_mac_override", "cap_mac_admin", "cap_syslog", "cap_wake_alarm",
    "cap_block_suspend", "cap_audit_read", "cap_perfmon", "cap_bpf", "cap_checkpoint_restore",
  ]
}
