// Where a worker's output goes: descriptors made before the spawn and given to the worker. The supervisor never stands
// in the way of a line; it only opens and reads what is there.

import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// Standard output or standard error.
enum OutputStream: String, Sendable, Hashable, CaseIterable {
  case stdout, stderr
}

extension Supervisor {
  // journald 252 refuses the 4,095th stream and a writer then dies of SIGPIPE; two streams an instance.
  static let journalStreamLimit = 3500

  /// Which driver a worker's next start uses.
  func logDriver(for spec: WorkerSpec) -> WorkerSpec.Logs.Driver {
    switch spec.logs.driver {
    case .file, .journal: return spec.logs.driver
    case .auto:
      // A pattern is looked for in a file: reading it back from the journal would be slower than the worker.
      if case .log = spec.ready { return .file }
      guard Journal.isPresent() else { return .file }
      guard journalStreams + 2 <= Self.journalStreamLimit else {
        sayOnce(
          "\(Self.journalStreamLimit) journal streams are in use: further workers log to files")
        return .file
      }
      return .journal
    }
  }

  /// The file of an instance's standard output or error.
  func logPath(of id: InstanceID, _ stream: OutputStream) -> String {
    options.logsDirectory + "/" + id.description + (stream == .stdout ? ".log" : ".err.log")
  }

  /// The descriptors a spawn gets as standard output and error.
  func openOutput(_ life: Life) throws(SystemError) -> (DescriptorBox, DescriptorBox) {
    life.driver = logDriver(for: life.spec)
    if life.driver == .journal {
      do {
        let out = try JournalStream.open(identifier: "nova/\(life.id)", priority: 6)
        let err = try JournalStream.open(identifier: "nova/\(life.id)", priority: 4)
        journalStreams += 2
        life.holdsStreams = true
        return (DescriptorBox(out), DescriptorBox(err))
      } catch {
        guard life.spec.logs.driver == .auto else { throw error }
        life.driver = .file
      }
    }
    for stream in OutputStream.allCases {
      let path = logPath(of: life.id, stream)
      if renameAtStart.remove(path) != nil {
        try LogFile.renameAtStart(path, keep: life.spec.logs.keep)
      }
    }
    let out = try LogFile.open(logPath(of: life.id, .stdout))
    let err = try LogFile.open(logPath(of: life.id, .stderr))
    life.outputStart = FileBytes.size(of: out)
    life.errorStart = FileBytes.size(of: err)
    mark(logPath(of: life.id, .stdout), life.outputStart)
    mark(logPath(of: life.id, .stderr), life.errorStart)
    return (DescriptorBox(out), DescriptorBox(err))
  }

  /// A life begins at `size` of its file; the one before began at the last mark.
  private func mark(_ path: String, _ size: UInt64) {
    logMarks[path] = LogMarks(previous: logMarks[path]?.current ?? 0, current: size)
  }

  /// A life from before this brain: which driver it writes to is seen from its spec.
  func resumeOutput(_ life: Life) {
    life.driver = logDriver(for: life.spec)
    if life.driver == .journal {
      journalStreams += 2
      life.holdsStreams = true
    }
  }

  /// The life's descriptors were closed with its process.
  func releaseOutput(_ life: Life) {
    guard life.holdsStreams else { return }
    life.holdsStreams = false
    journalStreams -= 2
  }

  /// Something that would repeat is said once.
  func sayOnce(_ sentence: String, worker: InstanceID? = nil) {
    guard saidOnce.count < 1000, saidOnce.insert(sentence).inserted else { return }
    trouble(sentence, worker: worker)
  }

  /// The last lines of an instance: standard error after standard output, as one looks for a cause.
  func lastLines(of id: InstanceID, count: Int) -> [String] {
    if logDriverInUse(of: id) == .journal { return journalTail(of: id, count: count) }
    var lines: [String] = []
    for stream in OutputStream.allCases {
      let tail = (try? LogTail.lines(logPath(of: id, stream), count: count)) ?? []
      lines += tail.map { String(decoding: $0, as: UTF8.self) }
    }
    return Array(lines.suffix(count))
  }

  private func journalTail(of id: InstanceID, count: Int) -> [String] {
    do {
      var reader = try JournalReader(identifiers: ["nova/\(id)"])
      try reader.seekTail(count: count)
      var lines: [String] = []
      while lines.count < count, let line = try reader.next() {
        lines.append(String(decoding: line.message, as: UTF8.self))
      }
      return lines
    } catch {
      return []
    }
  }

  /// The driver of the present life, or the one its next start would use.
  func logDriverInUse(of id: InstanceID) -> WorkerSpec.Logs.Driver {
    if let life = lives[id], let driver = life.driver { return driver }
    return fleet.worker(id.worker).map { logDriver(for: $0.spec) } ?? .file
  }
}
