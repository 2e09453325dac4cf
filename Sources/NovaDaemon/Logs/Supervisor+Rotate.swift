// Log files over their size are shortened in place, a bounded step a turn, while their writers go on; one in a flood is
// looked at often, so that what it fills stays bounded.
// Must never hold the loop for a whole file.

import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// A rotation under way, kept alive by its timer.
final class RotationBox {
  let path: String
  var job: RotationJob
  var timer: NovaLinux.Timer?

  init(_ path: String, _ job: consuming RotationJob) {
    self.path = path
    self.job = job
  }
}

extension Supervisor {
  /// Looks for files over their size; called every few seconds.
  func rotateLogs(of ids: ArraySlice<InstanceID>) {
    for id in ids {
      guard let life = lives[id], life.driver == .file else { continue }
      let isKnown = life.sawRotation
      life.sawRotation = true
      for stream in OutputStream.allCases {
        let path = logPath(of: life.id, stream)
        guard !rotating.contains(path), !renameAtStart.contains(path) else { continue }
        // Once a life the job itself looks, and mends what a crash left; after that a size is enough to know.
        if isKnown, FileBytes.size(of: path) ?? 0 <= life.spec.logs.maxSizeBytes { continue }
        do {
          guard
            let job = try RotationJob.ifNeeded(
              path, maxSize: life.spec.logs.maxSizeBytes, keep: life.spec.logs.keep)
          else { continue }
          rotating.insert(path)
          heat(id)
          step(RotationBox(path, job))
        } catch {
          sayOnce("\(life.id): \(error.message)", worker: life.id)
        }
      }
    }
  }

  /// One that has filled a file is looked at ten times a second until it has been quiet for two seconds.
  private func heat(_ id: InstanceID) {
    if hotLogs.isEmpty { hotTimer?.arm(at: Clock.now().instant + .milliseconds(100)) }
    hotLogs[id] = 20
  }

  /// A look at those that write much.
  func lookAtHotLogs() {
    let hot = hotLogs
    for (id, looks) in hot { hotLogs[id] = looks > 1 && lives[id] != nil ? looks - 1 : nil }
    rotateLogs(of: hot.keys.sorted()[...])
    if !hotLogs.isEmpty { hotTimer?.arm(at: Clock.now().instant + .milliseconds(100)) }
  }

  /// Who uses no CPU writes nothing; of the others one in a flood is found within one interval of readings.
  func lookAtBusyLog(_ life: Life) {
    // 2 % of a CPU are some 20 MB a second at least, were they all spent on writing.
    guard life.driver == .file, life.cpuHundredths ?? 0 >= 200, hotLogs[life.id] == nil else {
      return
    }
    rotateLogs(of: [life.id])
  }

  /// Does one bounded step and comes back in the next turn for more.
  private func step(_ box: RotationBox) {
    do throws(SystemError) {
      switch try box.job.step() {
      case .working:
        // The timer's body holds the box and the box its timer: the ring is cut when the job is over.
        if box.timer == nil { box.timer = try loop.timer { [weak self] in self?.step(box) } }
        box.timer?.arm(at: Clock.now().instant)
        return
      case .rotated(let bytes):
        logMarks[box.path]?.cut(bytes)
        if box.job.dropped > 0 {
          sayOnce(
            "\(box.path) was written faster than it can be kept: of its oldest \(box.job.dropped >> 20) MiB"
              + " were dropped (raise logs.max_size or logs.keep of the worker, or have it write less)"
          )
        }
      case .unsupported:
        sayOnce(
          "\(box.path) is over its size and this file system cannot shorten it in place:"
            + " it is renamed when the worker starts next")
        renameAtStart.insert(box.path)
      }
    } catch {
      sayOnce("cannot rotate \(box.path): \(error.message)")
    }
    box.timer = nil
    rotating.remove(box.path)
  }
}
