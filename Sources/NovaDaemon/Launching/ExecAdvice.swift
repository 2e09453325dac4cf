// Why a program that is there cannot be executed: what execve(2)'s errno leaves out, read from the file after a
// failure. Must never be asked before one: a file that is looked at and then executed may be another.

import Glibc
import NovaLinux
import NovaWire

/// Advice for a failed exec.
enum ExecAdvice {
  /// What to do about it, for people; nil where the errno says all there is to say.
  static func sentence(program: String, errno number: Int32) -> String? {
    guard program.contains("/") else { return number == ENOENT ? "it is not in PATH" : nil }
    // One that is relative was looked for in the worker's directory, as the worker's user.
    guard program.hasPrefix("/") else { return nil }
    switch number {
    case ENOENT: return interpreter(of: program).flatMap(missing)
    case EACCES: return refused(program)
    case ENOEXEC: return "it is neither a program for this machine nor a script with a #! line"
    default: return nil
    }
  }

  private static func missing(_ interpreter: String) -> String? {
    if interpreter.hasSuffix("\r") {
      return "its #! line ends in a carriage return: save it with Unix line ends"
    }
    guard unsafe access(interpreter, F_OK) != 0 else { return nil }
    return "the file is there, its interpreter '\(CleanText.forTerminal(interpreter))' is not"
  }

  private static func refused(_ program: String) -> String? {
    var info = stat()
    guard unsafe stat(program, &info) == 0 else { return nil }
    if info.st_mode & S_IFMT == S_IFDIR { return "it is a directory" }
    return info.st_mode & 0o111 == 0 ? "it is not executable: chmod +x" : nil
  }

  /// The program that a script's first line names.
  private static func interpreter(of path: String) -> String? {
    // BINPRM_BUF_SIZE: the kernel looks at no more.
    guard let first = FileBytes.beginning(of: path, count: 256), first.starts(with: "#!".utf8)
    else {
      return nil
    }
    let line = first.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
    let word = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      .prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != 0 }
    return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
  }
}
