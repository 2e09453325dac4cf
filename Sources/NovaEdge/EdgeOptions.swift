// What `nova-edge` was told: where the supervisor is and where its own things are. Must never hold a secret.

import Glibc

/// The places the edge works with.
package struct EdgeOptions: Sendable, Hashable {
  /// The supervisor's socket.
  package var socket: String
  /// The key of sessions and the outbox of alerts.
  package var state: String
  /// The files of the page.
  package var page: String
  /// Secrets of alert channels, `NAME=value` lines.
  package var secrets: String
  /// `$CREDENTIALS_DIRECTORY`.
  package var credentials: String?
  /// Chart.js, as Debian's libjs-chart.js installs it.
  package var charts = "/usr/share/javascript/chart.js"

  /// The defaults under the given environment.
  package init(environment: [String: String]) {
    func path(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    socket =
      path("NOVA_SOCKET") ?? (path("NOVA_RUNTIME_DIR") ?? "/run/nova") + "/supervisor.sock"
    state = path("NOVA_EDGE_STATE_DIR") ?? "/var/lib/nova-edge"
    secrets = path("NOVA_EDGE_SECRETS") ?? "/etc/nova/edge.env"
    credentials = path("CREDENTIALS_DIRECTORY")
    page = path("NOVA_PAGE_DIR") ?? "/usr/share/nova-supervisor/page"
  }

  /// The outcome of reading the arguments.
  package enum Parsed: Sendable, Hashable {
    case run(EdgeOptions)
    case token(name: String, role: EdgeRole)
    case help, version
    case wrong(String)
  }

  /// Reads `run [--socket PATH] [--state DIR] [--page DIR]` or `token NAME read|act`.
  package static func parse(_ arguments: [String], environment: [String: String]) -> Parsed {
    var options = EdgeOptions(environment: environment)
    var words: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      switch name {
      case "--help", "-h": return .help
      case "--version", "-V": return .version
      case "--socket", "--state", "--page", "--charts", "--secrets":
        guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst(), !value.isEmpty
        else { return .wrong("\(name) needs a value") }
        switch name {
        case "--socket": options.socket = value
        case "--state": options.state = value
        case "--page": options.page = value
        case "--secrets": options.secrets = value
        default: options.charts = value
        }
      default:
        guard !argument.hasPrefix("-") else {
          return .wrong("unknown argument '\(argument)' (see nova-edge --help)")
        }
        words.append(argument)
      }
    }
    switch (words.first, words.count) {
    case ("run", 1): return .run(options)
    case ("token", 3):
      guard Grant.isActor(words[1]) else {
        return .wrong("a token's name is made of letters, digits and . _ - @ :")
      }
      guard let role = EdgeRole(rawValue: words[2]) else {
        return .wrong("a token's role is read or act, not '\(words[2])'")
      }
      return .token(name: words[1], role: role)
    case (nil, _): return .wrong("say what to do: nova-edge run")
    default: return .wrong("unknown word '\(words.joined(separator: " "))' (see nova-edge --help)")
    }
  }

  /// The help text.
  package static let help = """
    Usage: nova-edge run [--socket PATH] [--state DIR] [--secrets FILE] [--page DIR] [--charts DIR]
           nova-edge token NAME read|act

    Serves the page and the API on TCP where edge.listen in supervisor.yaml says so, and delivers alerts.
    Holds nothing of the fleet: it may be stopped at any moment.

      --socket PATH   the supervisor's socket (NOVA_SOCKET, /run/nova/supervisor.sock)
      --state DIR     key of sessions, outbox of alerts (NOVA_EDGE_STATE_DIR, /var/lib/nova-edge)
      --secrets FILE  NAME=value lines of alert channels (NOVA_EDGE_SECRETS, /etc/nova/edge.env)
      --page DIR      files of the page (NOVA_PAGE_DIR, /usr/share/nova-supervisor/page)
      --charts DIR    Chart.js (/usr/share/javascript/chart.js)

    token prints a new token and the line for edge.token_file that lets it in.

    Signals: TERM, INT end it.

    """
}
