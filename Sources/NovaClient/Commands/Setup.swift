// `setup`: prepares a host for the supervisor. Must never overwrite a file that somebody wrote, and never do
// anything with --dry-run; a second run finds nothing to do.

import Glibc
import NovaLinux
import NovaWire

/// The verb `setup`.
enum Setup {
  static let command = CommandSpec(
    name: "setup", abstract: "Prepare this host: users, directories, an example, units",
    discussion: """
      Makes the user nova-worker, the groups nova (may look) and nova-admin (may act), /etc/nova with \
      workers.d and an example supervisor.yaml, /var/lib/nova and /run/nova. With --units it also installs \
      the systemd units, sysusers and tmpfiles of a directory, the user nova-edge and its edge.env for the \
      secrets of alert channels. Running it again is harmless.
      """,
    options: [
      OptionSpec("units", value: "DIR", "Install the units of this directory"),
      OptionSpec("root", value: "DIR", "Prepare a tree below DIR (an image); users are left out"),
    ],
    examples: [
      .init("novasup setup --dry-run", "what is missing?"),
      .init("sudo novasup setup --units ./units", "from a checkout"),
    ],
    run: { (call) throws(ClientError) in
      let root = call.arguments.value("root") ?? ""
      let steps = try plan(root: root, units: call.arguments.value("units"))
      var changed = false
      for step in steps {
        let needed = step.isNeeded
        if needed, !call.dryRun { try step.perform() }
        changed = changed || needed
        let word = needed ? (call.dryRun ? "would make" : "made") : "there"
        try call.say("\(word)  \(step.subject)")
      }
      if changed, !call.dryRun, root.isEmpty, call.arguments.value("units") != nil,
        exists("/run/systemd/system")
      {
        try Subprocess.run(["systemctl", "daemon-reload"], to: "reload systemd")
      }
      if !call.dryRun { try call.say("next: systemctl enable --now nova-supervisor") }
      return .ok
    })

  /// Every step in order. Throws when the units cannot be read.
  static func plan(root: String, units: String?) throws(ClientError) -> [SetupStep] {
    var steps: [SetupStep] = []
    if root.isEmpty {
      steps += [
        .group("nova"), .group("nova-admin"), .user("nova-worker", "Nova Supervisor workers"),
      ]
    }
    steps += [
      .directory(root + "/etc/nova", mode: 0o755),
      .directory(root + "/etc/nova/workers.d", mode: 0o755),
      // 0750, as StateDirectoryMode= of the unit: the database holds what every worker earns.
      .directory(root + "/var/lib/nova", mode: 0o750),
      .directory(root + "/run/nova", mode: 0o755),
      .file(root + "/etc/nova/supervisor.yaml", example, mode: 0o644, replace: false),
    ]
    if let units { steps += try unitSteps(root: root, from: units) }
    return steps
  }

  private static func unitSteps(
    root: String, from directory: String
  ) throws(ClientError) -> [SetupStep] {
    // The names of units/ and where systemd looks for what an administrator installs.
    let files = [
      ("nova.slice", "/etc/systemd/system/nova.slice"),
      ("nova-workers.service", "/etc/systemd/system/nova-workers.service"),
      ("nova-supervisor.service", "/etc/systemd/system/nova-supervisor.service"),
      ("nova-edge.service", "/etc/systemd/system/nova-edge.service"),
      ("nova-supervisor.sysusers", "/etc/sysusers.d/nova-supervisor.conf"),
      ("nova-supervisor.tmpfiles", "/etc/tmpfiles.d/nova-supervisor.conf"),
    ]
    var steps: [SetupStep] = []
    for parent in ["/etc/systemd", "/etc/systemd/system", "/etc/sysusers.d", "/etc/tmpfiles.d"] {
      steps.append(.directory(root + parent, mode: 0o755))
    }
    for (name, target) in files {
      guard let bytes = try? FileBytes.read(directory + "/" + name) else {
        throw .cannot(
          "install \(name)", "cannot read \(directory)/\(name)", hint: "--units names a directory")
      }
      steps.append(.file(root + target, bytes, mode: 0o644, replace: true))
    }
    let secrets = root + "/etc/nova/edge.env"
    if root.isEmpty { steps.append(.user("nova-edge", "Nova Supervisor network edge")) }
    steps.append(.file(secrets, edgeExample, mode: 0o640, replace: false))
    if root.isEmpty { steps.append(.readable(secrets, by: "nova-edge")) }
    return steps
  }

  static let example = Array(
    """
    # The supervisor's own settings; every key is optional. Workers are in workers.d/*.yaml.
    # All keys: novasup help, and the configuration reference. After a change: novasup reload --dry-run
    autonomous: false
    budget:
      daily: 100.00
      timezone: UTC

    """.utf8)

  /// The same words as deploy/debian/edge.env.
  static let edgeExample = Array(
    """
    # Secrets of alert channels, NAME=value, read by nova-edge alone and whenever one is needed: a change counts at once.
    # A channel names its secret: `secret: SLACK_WEBHOOK_URL` in supervisor.yaml. Keep mode 0640 and group nova-edge.
    # Try a channel with: novasup alerts test CHANNEL
    # SLACK_WEBHOOK_URL=https://hooks.slack.com/services/…
    # PAGERDUTY_ROUTING_KEY=
    # TWILIO_AUTH_TOKEN=
    # SENDGRID_API_KEY=
    # SMTP_PASSWORD=

    """.utf8)

  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}

/// One thing that must be there.
enum SetupStep {
  case group(String)
  case user(String, String)
  case directory(String, mode: UInt32)
  /// With `replace`, other content is overwritten.
  case file(String, [UInt8], mode: UInt32, replace: Bool)
  /// The file belongs to that group.
  case readable(String, by: String)

  var subject: String {
    switch self {
    case .group(let name): "group \(name)"
    case .user(let name, _): "user \(name)"
    case .directory(let path, _): path + "/"
    case .file(let path, _, _, _): path
    case .readable(let path, let group): "\(path) for group \(group)"
    }
  }

  var isNeeded: Bool {
    switch self {
    case .group(let name): unsafe getgrnam(name) == nil
    case .user(let name, _): unsafe getpwnam(name) == nil
    case .directory(let path, _): !Setup.exists(path)
    case .file(let path, let bytes, _, let replace):
      !Setup.exists(path) || replace && (try? FileBytes.read(path)) != bytes
    case .readable(let path, let group):
      SetupStep.owner(path) == nil || SetupStep.owner(path) != SetupStep.number(group)
    }
  }

  func perform() throws(ClientError) {
    switch self {
    case .group(let name):
      try Subprocess.run(["groupadd", "--system", name], to: "make \(subject)")
    case .user(let name, let comment):
      try Subprocess.run(
        [
          "useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
          "--shell", "/usr/sbin/nologin", "--comment", comment, name,
        ], to: "make \(subject)")
    case .directory(let path, let mode):
      try makeParents(of: path)
      guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else { throw failure() }
      // mkdir(2) takes the umask off the mode; what is wanted is said exactly.
      guard unsafe chmod(path, mode) == 0 else { throw failure() }
    case .file(let path, let bytes, let mode, _):
      do throws(SystemError) {
        try FileBytes.write(bytes, to: path, mode: mode)
      } catch {
        throw failure(error.number)
      }
    case .readable(let path, let group):
      guard let number = SetupStep.number(group) else { throw failure(ENOENT) }
      guard unsafe chown(path, .max, number) == 0 else { throw failure() }
    }
  }

  /// The group of a file; nil when it is absent.
  private static func owner(_ path: String) -> gid_t? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? status.st_gid : nil
  }

  /// The number of a group; nil when there is none.
  private static func number(_ group: String) -> gid_t? {
    guard let found = unsafe getgrnam(group) else { return nil }
    return unsafe found.pointee.gr_gid
  }

  private func makeParents(of path: String) throws(ClientError) {
    var parent = ""
    for part in path.split(separator: "/").dropLast() {
      parent += "/" + part
      guard unsafe mkdir(parent, 0o755) == 0 || errno == EEXIST || errno == EROFS else {
        throw failure()
      }
    }
  }

  private func failure(_ number: Int32 = errno) -> ClientError {
    let why = SystemError.text(of: number)
    let denied = number == EACCES || number == EPERM
    return .cannot(
      "make \(subject)", why, hint: denied ? "run it as root" : nil,
      code: denied ? .denied : .failed)
  }
}
