// Figures that a test shows beside its verdict, on the standard error stream. Must never be how a test fails.

import Glibc

enum Shown {
  static func lines(_ lines: [String]) {
    let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    unsafe bytes.withUnsafeBytes { raw in _ = unsafe write(2, raw.baseAddress, raw.count) }
  }
}
