// One spawn: everything that is prepared before the child exists. Whatever fails here is the worker's failure with
// a stage and a sentence; nothing half-prepared is left. Must never touch the child itself: that is the shim's.

import Glibc
import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// A preparation that failed: the stage and errno of the fleet's fact, and the sentence people read.
struct PreparationFailure: Error {
  let stage: SpawnStage
  let number: Int32
  let sentence: String

  init(_ stage: SpawnStage, _ error: SystemError) {
    self.stage = stage
    number = error.number
    sentence = error.message
  }

  init(_ stage: SpawnStage, _ number: Int32, _ sentence: String) {
    self.stage = stage
    self.number = number
    self.sentence = sentence
  }
}

extension Supervisor {
  /// Prepares and orders one spawn; answers with `.spawnFailed` when it cannot.
  func spawn(_ id: InstanceID, _ incarnation: Incarnation) {
    guard let spec = fleet.spec(for: id) else { return }
    failures[id] = nil
    grewByStart()
    do throws(PreparationFailure) {
      let condition = ledger.condition
      // What cannot be booked is not started: a full disk may delay a start, never lose an account.
      guard !condition.isOverfull, incarnation <= condition.reservedThrough else {
        throw PreparationFailure(
          .prepare, EAGAIN, "the ledger cannot be written: \(ledgerTrouble ?? "it is behind")")
      }
      let life = try prepareLife(id, incarnation, spec)
      do throws(PreparationFailure) {
        let (order, descriptors) = try prepareOrder(life)
        FaultPoint.spawning.reached()
        shim?.send(.spawn(order), descriptors: descriptors)
        FaultPoint.spawned.reached()
      } catch {
        discard(life)
        throw error
      }
    } catch {
      failures[id] = error.sentence
      post(id, .spawnFailed(incarnation, error.stage, errno: error.number))
    }
  }

  /// The group and the ledger's row of a new life.
  private func prepareLife(
    _ id: InstanceID, _ incarnation: Incarnation, _ spec: WorkerSpec
  ) throws(PreparationFailure) -> Life {
    let group: ProcessGroup?
    do {
      group = try makeGroup(for: id, incarnation)
    } catch {
      throw PreparationFailure(.cgroup, error)
    }
    let now = Clock.now()
    let record = IncarnationRecord(
      incarnation: incarnation, id: id, pid: 0, started: now.wall, bootID: fleet.boot.id)
    let life = Life(id: id, incarnation: incarnation, spec: spec, record: record, group: group)
    if spec.mode != .service { life.record.run = Self.exitRun(incarnation) }
    life.startedAt = now.instant
    life.unenforced = group?.apply(spec.limits, isNew: true) ?? []
    lives[id] = life
    watch(life)
    return life
  }

  /// Takes back a life whose process never came to be.
  func discard(_ life: Life) {
    unwatch(life)
    try? life.group?.remove()
    releaseOutput(life)
    credentials.remove(for: life.id)
    lives[life.id] = nil
  }

  private func prepareOrder(
    _ life: Life
  ) throws(PreparationFailure) -> (SpawnOrder, [DescriptorBox]) {
    let spec = life.spec
    let number = life.id.number
    let identity = try identity(of: spec)
    guard OwnProcess.isRoot || identity.uid == OwnProcess.uid else {
      throw PreparationFailure(
        .user, EPERM,
        "cannot run as user '\(identity.name ?? String(identity.uid))': the supervisor is not root"
          + " (start it as root, or leave `user:` out)")
    }
    var facts = WorkerEnvironment.Facts(apiSocket: options.apiSocket)
    facts.home = identity.home
    facts.user = identity.name
    facts.shell = identity.shell
    facts.notifySocket = openNotify(for: spec, uid: identity.uid, gid: identity.gid)
    do {
      facts.credentials = try credentials.install(
        spec.secrets, for: life.id, uid: identity.uid, gid: identity.gid)
    } catch {
      throw PreparationFailure(
        .prepare, error.number,
        error.call == "find secret"
          ? "secret '\(error.subject)' is neither a systemd credential nor in nova.env"
          : error.message)
    }
    facts.gateway = try gatewayVariables(of: spec)
    var order = SpawnOrder(
      slot: life.id.description, incarnation: life.incarnation.serial,
      arguments: arguments(of: spec.command, spec, number),
      environment: WorkerEnvironment.compose(
        spec: spec, number: number, file: try environmentFile(of: spec, number), facts: facts))
    order.directory = spec.directory.map {
      Specifiers.expanded($0, worker: spec.name, number: number)
    }
    if OwnProcess.isRoot {
      order.uid = identity.uid
      order.gid = identity.gid
      order.groups = identity.groups
    }
    order.umask = spec.identity.umask
    order.nice = spec.identity.nice
    order.oomScoreAdjust = spec.identity.oomScoreAdjust
    order.noNewPrivileges = spec.security.noNewPrivileges
    order.network = try network(of: life)
    order.cgroup = life.group?.path
    order.rlimits = Self.rlimits(of: spec)
    if let names = spec.security.capabilities {
      do {
        order.capabilities = try capabilityMask(names: names)
      } catch {
        throw PreparationFailure(.capabilities, error)
      }
    }
    do {
      let input = try Descriptor.null()
      let (out, err) = try openOutput(life)
      return (order, [input, out, err])
    } catch {
      throw PreparationFailure(.stdio, error)
    }
  }

  /// argv with its specifiers expanded.
  func arguments(of command: WorkerSpec.Command, _ spec: WorkerSpec, _ number: Int) -> [String] {
    let expand = { (text: String) in Specifiers.expanded(text, worker: spec.name, number: number) }
    switch command {
    case .arguments(let list): return list.map(expand)
    case .shell(let text): return ["/bin/sh", "-c", expand(text)]
    }
  }

  private func environmentFile(
    of spec: WorkerSpec, _ number: Int
  ) throws(PreparationFailure) -> [String: String] {
    guard let configured = spec.environmentFile else { return [:] }
    // A leading '-' makes it optional, as in systemd.exec(5).
    let optional = configured.hasPrefix("-")
    let path = Specifiers.expanded(
      optional ? String(configured.dropFirst()) : configured, worker: spec.name, number: number)
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.read(path, limit: 1 << 20)
    } catch {
      if optional, error.number == ENOENT { return [:] }
      throw PreparationFailure(.prepare, error.number, "environment_file: \(error.message)")
    }
    switch EnvironmentFile.parse(bytes, path: path) {
    case .success(let pairs): return pairs
    case .failure(let problem):
      throw PreparationFailure(.prepare, EINVAL, "environment_file: \(problem)")
    }
  }

  /// As whom it runs: the configured user, else nova-worker under a root supervisor, else ourselves.
  func identity(of spec: WorkerSpec) throws(PreparationFailure) -> WorkerIdentity {
    do {
      return try users.identity(of: spec) { [self] sentence in
        if !warnings.contains(sentence) {
          warnings.append(sentence)
          trouble(sentence)
        }
      }
    } catch {
      throw PreparationFailure(
        .user, error.number,
        error.number == ENOENT || error.number == ESRCH
          ? "there is no user or group '\(error.subject)'" : error.message)
    }
  }

  /// RLIMIT_NOFILE as configured, else systemd's: 1,024 soft so that select(2) keeps working, 524,288 hard.
  private static func rlimits(of spec: WorkerSpec) -> [ResourceLimit] {
    let hard = min(OpenFiles.limit().hard, 524_288)
    if let files = spec.limits.files {
      return [ResourceLimit(resource: ResourceLimit.files, soft: files, hard: files)]
    }
    return [ResourceLimit(resource: ResourceLimit.files, soft: min(1024, hard), hard: hard)]
  }
}
