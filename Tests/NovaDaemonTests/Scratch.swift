// A directory for one test. Must never leave anything behind.

import Glibc
import NovaLinux
import Testing

/// A directory of its own, removed with all it holds at the end.
final class Scratch {
  let path: String

  init() throws {
    var template = Array("/tmp/nova-daemon-XXXXXX".utf8CString)
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

/// A small seeded generator (SplitMix64), so that a failure repeats.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
