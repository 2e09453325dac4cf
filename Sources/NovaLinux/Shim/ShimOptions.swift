// The command line of nova-shim. Must never read a file or the environment: the shim has no configuration.

/// `nova-shim --runtime DIR [--cgroup auto|PATH|none] [--detached]`.
package struct ShimOptions: Sendable, Equatable {
  /// Where shim.sock is.
  package var runtime: String
  /// Where workers' groups go.
  package var cgroup: Cgroup = .auto
  /// Started by a supervisor instead of systemd: SIGINT and SIGHUP mean others, SIGTERM waits for the last child.
  package var detached = false
  /// The memfd with the table of the program that executed this one in its place.
  var state: CInt?

  /// Every default.
  package init(runtime: String) { self.runtime = runtime }

  /// `--cgroup`: found by itself, none at all, or a directory of the cgroup2 file system.
  package enum Cgroup: Sendable, Equatable {
    case auto, none
    case path(String)
  }

  /// What a command line asks for.
  package enum Command: Sendable, Equatable {
    case run(ShimOptions)
    case version
    case help
    /// Why it cannot be followed, for people.
    case refused(String)
  }

  /// Reads the arguments after the program's name.
  package static func parse(_ arguments: some Sequence<String>) -> Command {
    var options = ShimOptions(runtime: "")
    var rest = arguments.makeIterator()
    while let word = rest.next() {
      switch word {
      case "--version": return .version
      case "--help", "-h": return .help
      case "--detached": options.detached = true
      case "--runtime", "--cgroup", "--state-fd":
        guard let value = rest.next() else { return .refused("\(word) needs a value") }
        if let reason = options.set(word, value) { return .refused(reason) }
      default: return .refused("unknown argument '\(word)' (see nova-shim --help)")
      }
    }
    return options.runtime.isEmpty ? .refused("--runtime DIR is missing") : .run(options)
  }

  private mutating func set(_ word: String, _ value: String) -> String? {
    switch (word, value) {
    case ("--runtime", _):
      guard value.hasPrefix("/") else { return "--runtime needs an absolute path, not '\(value)'" }
      runtime = value
    case ("--cgroup", "auto"): cgroup = .auto
    case ("--cgroup", "none"): cgroup = .none
    case ("--cgroup", _):
      guard value.hasPrefix("/") else {
        return "--cgroup is auto, none or an absolute path, not '\(value)'"
      }
      cgroup = .path(value)
    default:
      guard let number = CInt(value), number > 2 else { return "--state-fd needs a descriptor" }
      state = number
    }
    return nil
  }

  /// The same options as arguments, without the state.
  var arguments: [String] {
    let place =
      switch cgroup {
      case .auto: "auto"
      case .none: "none"
      case .path(let path): path
      }
    return ["--runtime", runtime, "--cgroup", place] + (detached ? ["--detached"] : [])
  }
}
