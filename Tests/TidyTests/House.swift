// Reads the source tree as text, for the rules of the house. Must never change a file.

import Glibc

/// One file of the tree.
struct SourceFile: Sendable, CustomStringConvertible {
  /// Path from the top of the repository, such as `Sources/NovaModel/Money.swift`.
  let path: String
  let text: String

  /// What a failing test prints instead of the whole text.
  var description: String { path }

  /// Its lines, without their ends.
  var lines: [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// The target it belongs to: the folder below Sources or Tests.
  var room: String {
    let parts = path.split(separator: "/")
    return parts.count > 2 ? String(parts[1]) : ""
  }

  /// Whether the text holds `word` anywhere: a quick look before the lines are judged one by one.
  func mentions(_ word: String) -> Bool {
    // SAFETY: both are terminated strings that live during the call.
    unsafe strstr(text, word) != nil
  }

  var name: String { String(path.split(separator: "/").last ?? "") }
}

/// The repository.
enum House {
  /// Its top, found from where this file is compiled.
  static let top: String = {
    let here = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false)
    return here.dropLast(3).joined(separator: "/")
  }()

  /// Every Swift file below Sources and Tests.
  static let swiftFiles: [SourceFile] = (list("Sources") + list("Tests"))
    .filter { $0.hasSuffix(".swift") }.sorted().compactMap { file($0) }

  static var sources: [SourceFile] { swiftFiles.filter { $0.path.hasPrefix("Sources/") } }

  /// A file by its path from the top; nil where it does not exist.
  static func file(_ path: String) -> SourceFile? {
    text(top + "/" + path).map { SourceFile(path: path, text: $0) }
  }

  /// The paths of all plain files below a folder.
  static func list(_ folder: String) -> [String] {
    guard let directory = unsafe opendir(top + "/" + folder) else { return [] }
    // SAFETY: the handle is ours, used by this call only and closed on the way out.
    defer { unsafe closedir(directory) }
    var found: [String] = []
    while let entry = unsafe readdir(directory) {
      // SAFETY: d_name is a terminated string inside the entry, which is valid until the next readdir(3).
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      let path = folder + "/" + name
      if unsafe entry.pointee.d_type == UInt8(DT_DIR) {
        found += list(path)
      } else {
        found.append(path)
      }
    }
    return found
  }

  /// Whether a path from the top leads to a file or a folder.
  static func exists(_ path: String) -> Bool { unsafe access(top + "/" + path, F_OK) == 0 }

  private static func text(_ path: String) -> String? {
    let descriptor = unsafe open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      // SAFETY: read(2) writes at most the count it is given into the buffer it is given.
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe read(descriptor, $0.baseAddress, $0.count)
      }
      if count <= 0 { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
