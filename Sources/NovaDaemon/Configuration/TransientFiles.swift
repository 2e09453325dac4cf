// The files of transient workers: RUNTIME/transient/NAME.yaml, one worker a file, written by `POST /v1/run`. On tmpfs they
// are gone at a reboot; a crash of the supervisor leaves them. Must never be written but whole, for root's eyes alone.

import Glibc
import NovaLinux
import NovaModel
import NovaWire

/// Reading, writing and removing them.
enum TransientFiles {
  /// The owner's files define a worker that a transient file defines, too.
  struct Overridden: Sendable, Hashable {
    let worker: WorkerName
    /// The transient file.
    let path: String
    /// FILE:LINE of the owner's.
    let origin: String
  }

  // What the loader takes at most.
  private static let fileLimit = 1 << 20

  /// Every file in the directory; none without it. What is there and cannot be a worker's file is passed over.
  ///
  /// Throws where reading now says nothing of what is there, such as EMFILE: no answer is not an empty one.
  static func read(_ directory: String) throws(SystemError) -> [ConfigurationFile] {
    let names: [String]
    do {
      names = try Directory.names(in: directory)
    } catch  where error.number == ENOENT {
      return []
    }
    var files: [ConfigurationFile] = []
    for name in names where worker(of: directory + "/" + name) != nil {
      let path = directory + "/" + name
      do {
        files.append(
          ConfigurationFile(path: path, bytes: try FileBytes.read(path, limit: fileLimit)))
      } catch  where [ENOENT, EISDIR, ENXIO, EFBIG, ELOOP].contains(error.number) {
        continue
      }
    }
    return files
  }

  /// The worker that a file is of, by its name; nil when it is none of ours.
  static func worker(of path: String) -> WorkerName? {
    let name = path.split(separator: "/").last ?? ""
    guard name.hasSuffix(".yaml") else { return nil }
    return WorkerName(String(name.dropLast(5)))
  }

  /// The file of a worker.
  static func path(of name: WorkerName, in directory: String) -> String {
    directory + "/" + name.text + ".yaml"
  }

  /// Writes it whole, mode 0600.
  static func write(_ file: ConfigurationFile) throws(SystemError) {
    try FileBytes.write(file.bytes, to: file.path, mode: 0o600)
  }

  /// Removes a file; one that is gone is no error.
  static func remove(_ path: String) throws(SystemError) { try FileBytes.remove(path) }

  /// Removes every file: a supervisor that was told to stop starts nothing transient again.
  static func removeAll(in directory: String) {
    for name in (try? Directory.names(in: directory)) ?? [] where name.hasSuffix(".yaml") {
      try? remove(directory + "/" + name)
    }
  }
}
