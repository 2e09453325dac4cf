// Reads arguments, builds the supervisor, runs it, chooses the exit code: 0 stopped or handed over, 1 could not start,
// 2 wrong usage. Must never do anything else.

import Glibc
import NovaDaemon
import NovaModel

@main struct Main {
  static func main() {
    let environment = Self.environment()
    switch Options.parse(Array(CommandLine.arguments.dropFirst()), environment: environment) {
    case .help: write(Options.help, to: STDOUT_FILENO)
    case .version: write("nova-supervisor \(Version.text)\n", to: STDOUT_FILENO)
    case .wrong(let sentence):
      write("nova-supervisor: \(sentence)\n", to: STDERR_FILENO)
      exit(2)
    case .verify(let file):
      finish { () throws(StartFailure) in try BackupCommand.verify(file) }
    case .restore(let file, let options):
      finish { () throws(StartFailure) in try BackupCommand.restore(file, options) }
    case .run(let options):
      do throws(StartFailure) {
        exit(try Supervisor.assemble(options, environment: environment).run())
      } catch {
        for sentence in error.sentences {
          write("nova-supervisor: \(sentence)\n", to: STDERR_FILENO)
        }
        exit(1)
      }
    }
  }

  /// Says what was found or done, or why it could not be.
  private static func finish(_ body: () throws(StartFailure) -> String) -> Never {
    do throws(StartFailure) {
      write(try body() + "\n", to: STDOUT_FILENO)
      exit(0)
    } catch {
      for sentence in error.sentences {
        write("nova-supervisor: \(sentence)\n", to: STDERR_FILENO)
      }
      exit(1)
    }
  }

  /// This process's environment, read once.
  private static func environment() -> [String: String] {
    var result: [String: String] = [:]
    var entry = unsafe environ
    while let line = unsafe entry.pointee {
      let text = unsafe String(cString: line)
      if let equals = text.firstIndex(of: "=") {
        result[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      unsafe entry += 1
    }
    return result
  }

  private static func write(_ text: String, to descriptor: CInt) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let n = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      guard n > 0 else { return }
      rest = rest.dropFirst(n)
    }
  }
}
