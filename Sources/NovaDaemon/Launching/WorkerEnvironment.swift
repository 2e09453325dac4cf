// The environment of a worker, in the order in which later lines win: ours, its file, its own keys, the names the
// supervisor owns. Must never contain the supervisor's own environment or a secret's value.

package import NovaModel
import NovaWire

/// Composes `KEY=VALUE` lines for one instance.
package enum WorkerEnvironment {
  /// Names that a worker's configuration may not set, because the supervisor says what they are.
  package static let reserved: Set<String> = [
    "NOTIFY_SOCKET", "NOVA_WORKER", "NOVA_INSTANCE", "NOVA_SOCKET", "CREDENTIALS_DIRECTORY",
    "WATCHDOG_USEC",
  ]

  /// The same as systemd gives a service, so that a program finds the same tools under either.
  package static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// What the supervisor itself knows for an instance.
  package struct Facts: Sendable, Hashable {
    package var home: String?
    package var user: String?
    package var shell: String?
    package var notifySocket: String?
    package var apiSocket: String
    package var credentials: String?
    /// How its clients find the model gateway, with its key.
    package var gateway: [String: String] = [:]
    package init(apiSocket: String) { self.apiSocket = apiSocket }
  }

  /// The lines, sorted by name. `file` is the parsed environment_file, whose values `environment:` overrides.
  package static func compose(
    spec: WorkerSpec, number: Int, file: [String: String], facts: Facts
  ) -> [String] {
    var values: [String: String] = ["PATH": path, "LANG": "C.UTF-8"]
    if let home = facts.home { values["HOME"] = home }
    if let shell = facts.shell { values["SHELL"] = shell }
    if let user = facts.user {
      values["USER"] = user
      values["LOGNAME"] = user
    }
    // Below what its owner says: whoever sets a key of his own means it.
    let own = Set(
      (Array(file.keys) + Array(spec.environment.keys)).map { $0.lowercased() })
    // HTTPS_PROXY and https_proxy are one: which of two a client prefers differs.
    values.merge(facts.gateway.filter { !own.contains($0.key.lowercased()) }) { _, new in new }
    values.merge(file) { _, new in new }
    for (name, value) in spec.environment {
      values[name] = Specifiers.expanded(value, worker: spec.name, number: number)
    }
    for name in reserved { values[name] = nil }
    values["NOVA_WORKER"] = spec.name.text
    values["NOVA_INSTANCE"] = String(number)
    values["NOVA_SOCKET"] = facts.apiSocket
    values["NOTIFY_SOCKET"] = facts.notifySocket
    values["CREDENTIALS_DIRECTORY"] = facts.credentials
    if spec.watchdog > .zero {
      values["WATCHDOG_USEC"] = String(spec.watchdog.wholeMicroseconds)
    }
    return values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }
}
