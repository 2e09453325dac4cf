// A directory for one test. Must never leave anything behind.

import Glibc
import NovaLinux
import Testing

/// A directory of its own, removed with all it holds at the end.
final class Scratch {
  let path: String

  init() throws {
    var template = Array("/tmp/nova-http-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw SystemError.last("make", "a directory") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  /// Writes a file, making its directories; answers its path.
  @discardableResult
  func put(_ name: String, _ text: String) throws -> String {
    let file = path + "/" + name
    if let slash = file.lastIndex(of: "/") {
      try Directory.make(String(file[..<slash]), mode: 0o755)
    }
    try FileBytes.write(Array(text.utf8), to: file, mode: 0o644)
    return file
  }

  private static func remove(_ path: String) {
    for name in (try? Directory.names(in: path)) ?? [] {
      let below = path + "/" + name
      if unsafe unlink(below) != 0 { remove(below) }
    }
    _ = unsafe rmdir(path)
  }
}
