// A worker inside the fleet: its configuration, what is wanted of it, and its instances.

import NovaModel

/// One worker and its instances.
struct FleetWorker: Sendable {
  var spec: WorkerSpec
  var record: WorkerRecord
  var fingerprint: UInt64
  var zone: TimeZoneRules = .utc
  /// Wanted although neither a record nor `autostart` says so: it ran before `autostart` was taken away, was found
  /// alive, or a wanted worker requires it. Not durable, as `autostart` speaks of the next boot.
  var carried = false
  /// Out of the file; it goes as soon as nothing of it lives.
  var removed = false
  /// Its next runs wait until the last ones are judged; said anew after each start of the supervisor.
  var isRipening = false
  /// Why it is not wanted.
  var downReason = Reason.operator
  /// Why it is paused.
  var pauseReason = Reason.operator
  var lives: [Int: InstanceLife] = [:]
  /// stop_timeout of the rolling restart under way, where it was given; not durable.
  var rollingStopTimeout: Span?

  init(spec: WorkerSpec, record: WorkerRecord) {
    self.spec = spec
    self.record = record
    fingerprint = Fingerprint.of(spec).value
  }

  var isWanted: Bool { !removed && (record.wanted ?? (spec.autostart || carried)) }

  /// How many instances there should be: a scaled count holds until `instances` in the file changes.
  var count: Int { Self.count(record, spec) }

  static func count(_ record: WorkerRecord, _ spec: WorkerSpec) -> Int {
    let scaled = record.countFileValue == spec.instances ? record.count : nil
    // 99,999 is the highest number that an InstanceID can name.
    return min(max(0, scaled ?? spec.instances), 99_999)
  }

  var numbers: [Int] { lives.keys.sorted() }

  /// Those who need it may start: every instance of a one-shot is done, or at least one of a service is up.
  var satisfies: Bool {
    let present = lives.values.filter { !$0.retiring }
    if spec.mode == .once { return !present.isEmpty && present.allSatisfy { $0.isUp(spec) } }
    return present.contains { $0.isUp(spec) }
  }

  /// It is on its way up, so that those who start after it wait.
  var isComingUp: Bool {
    isWanted
      && lives.values.contains {
        $0.state == .starting || (spec.mode == .once && $0.state == .running)
      }
  }
}
