// What `nova-supervisor run` was told: where things are. Must never make or change any of it.

package import NovaLinux

/// The places the supervisor works in.
package struct Options: Sendable, Hashable {
  /// `/etc/nova`: supervisor.yaml, workers.d, nova.env.
  package var configuration: String
  /// `/var/lib/nova`: nova.db, logs.
  package var state: String
  /// `/run/nova`: sockets and the lock.
  package var runtime: String
  /// The shim to start where systemd does not; nil: beside this program or /usr/lib/nova.
  package var shim: String?
  /// Which group the shim takes as root: `auto`, `none` or a path. Only used when the supervisor starts it.
  package var cgroup = "auto"

  /// The defaults of interface.md under the given environment.
  package init(environment: [String: String]) {
    // An empty variable is the same as none.
    func path(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : Self.absolute($0) }
    }
    configuration = path("NOVA_CONFIG_DIR") ?? "/etc/nova"
    state = path("NOVA_STATE_DIR") ?? "/var/lib/nova"
    runtime = path("NOVA_RUNTIME_DIR") ?? "/run/nova"
    shim = environment["NOVA_SHIM"] == "none" ? "none" : path("NOVA_SHIM")
  }

  /// Where the API listens.
  package var apiSocket: String { runtime + "/supervisor.sock" }
  /// Where the shim listens.
  package var shimSocket: String { runtime + "/shim.sock" }
  /// Where nova-edge gets the listeners of workers with `network: gateway`.
  package var gatewaySocket: String { runtime + "/gateway.sock" }
  /// Where workers' notify sockets are.
  package var notifyDirectory: String { runtime + "/notify" }
  /// Where workers' credential files are; on tmpfs under systemd.
  package var credentialsDirectory: String { runtime + "/credentials" }
  /// Where transient workers are defined; on tmpfs under systemd.
  package var transientDirectory: String { runtime + "/transient" }
  /// The state database.
  package var database: String { state + "/nova.db" }
  /// Automatic backups of the state database.
  package var backupsDirectory: String { state + "/backups" }
  /// What the keys of workers for the model gateway are made of.
  package var gatewaySecret: String { state + "/gateway.secret" }
  /// Output of workers whose log driver is `file`.
  package var logsDirectory: String { state + "/logs" }

  /// `--cgroup` as the shim takes it.
  package var shimCgroup: ShimOptions.Cgroup {
    switch cgroup {
    case "auto": .auto
    case "none": .none
    default: .path(cgroup)
    }
  }

  /// The shim that belongs to this program, whoever started the one that runs.
  package var installedShim: String { shim == "none" ? defaultShim : shim ?? defaultShim }

  /// The shim beside this program where there is one (a build tree), else the package's.
  package var defaultShim: String {
    if let own = OwnProcess.program() {
      let beside = (own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "") + "/nova-shim"
      if ProgramFile.isExecutable(beside) { return beside }
    }
    return "/usr/lib/nova/nova-shim"
  }

  /// The outcome of reading the arguments.
  package enum Parsed: Sendable, Hashable {
    case run(Options)
    /// `backup verify FILE`
    case verify(String)
    /// `backup restore FILE`
    case restore(String, Options)
    case help, version
    case wrong(String)
  }

  /// Reads `backup verify FILE`, `backup restore FILE [--state DIR]` or `run --config D --state D --runtime D [--shim PATH] [--cgroup auto|none|PATH]`.
  package static func parse(_ arguments: [String], environment: [String: String]) -> Parsed {
    var options = Options(environment: environment)
    var rest = arguments[...]
    var verb: String?
    var backup: [String] = []
    while let argument = rest.popFirst() {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      switch name {
      case "--help", "-h": return .help
      case "--version", "-V": return .version
      case "--config", "--state", "--runtime", "--shim", "--cgroup":
        guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst(), !value.isEmpty
        else { return .wrong("\(name) needs a value") }
        switch name {
        case "--config": options.configuration = absolute(value)
        case "--state": options.state = absolute(value)
        case "--runtime": options.runtime = absolute(value)
        case "--shim": options.shim = value == "none" ? value : absolute(value)
        default:
          guard value == "auto" || value == "none" || value.hasPrefix("/") else {
            return .wrong("--cgroup is auto, none or an absolute path, not '\(value)'")
          }
          options.cgroup = value
        }
      case "run" where verb == nil, "backup" where verb == nil: verb = name
      case _ where verb == "backup" && backup.count < 2 && !argument.hasPrefix("-"):
        backup.append(backup.isEmpty ? argument : absolute(argument))
      default: return .wrong("unknown argument '\(argument)' (see nova-supervisor --help)")
      }
    }
    guard verb != nil else { return .wrong("say what to do: nova-supervisor run") }
    guard verb == "backup" else { return .run(options) }
    switch (backup.first, backup.count) {
    case ("verify", 2): return .verify(backup[1])
    case ("restore", 2): return .restore(backup[1], options)
    default: return .wrong("backup is used as `backup verify FILE` or `backup restore FILE`")
    }
  }

  /// Workers and the shim work elsewhere, so a path is the same for all of us only when it is absolute.
  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    guard let here = OwnProcess.directory() else { return path }
    return path == "." ? here : here + (here.hasSuffix("/") ? "" : "/") + path
  }

  /// The help text.
  package static let help = """
    Usage: nova-supervisor run [--config DIR] [--state DIR] [--runtime DIR]
                               [--shim PATH] [--cgroup auto|none|PATH]
           nova-supervisor backup verify FILE
           nova-supervisor backup restore FILE [--state DIR]

    run keeps the configured workers running. Under systemd use `systemctl start nova-supervisor`.

      --config DIR    supervisor.yaml, workers.d/*.yaml, nova.env (default /etc/nova)
      --state DIR     database and log files (default /var/lib/nova)
      --runtime DIR   sockets and the lock (default /run/nova)
      --shim PATH     the nova-shim to start where systemd does not
      --cgroup WHERE  auto, none, or the group under which workers' groups are made

    backup verify looks through a copy of the state database; backup restore puts it in the place of
    the present one, which is kept beside it, while no supervisor runs.

    Signals: TERM, INT stop all workers and exit; USR2 hands over and leaves them running;
    HUP reloads the configuration.

    """
}
