// nova-edge: reads arguments, builds the edge, runs it, chooses an exit code. Must never decide anything else.

import Glibc
import NovaEdge
import NovaModel

@main
enum Main {
  static func main() {
    let environment = Self.environment()
    switch EdgeOptions.parse(Array(CommandLine.arguments.dropFirst()), environment: environment) {
    case .help: write(EdgeOptions.help, to: STDOUT_FILENO)
    case .version: write("nova-edge \(Version.text)\n", to: STDOUT_FILENO)
    case .wrong(let sentence):
      write("nova-edge: \(sentence)\n", to: STDERR_FILENO)
      exit(2)
    case .token(let name, let role):
      guard let made = TokenTable.make(name: name, role: role) else {
        write("nova-edge: cannot make a token: the system has no random bytes\n", to: STDERR_FILENO)
        exit(1)
      }
      // The token on stdout and what to do with it on stderr, so that a script can keep the first alone.
      write(made.token + "\n", to: STDOUT_FILENO)
      write("Shown once. Add this line to edge.token_file (mode 0600):\n", to: STDERR_FILENO)
      write(made.line + "\n", to: STDERR_FILENO)
    case .run(let options):
      do throws(EdgeFailure) {
        exit(try Edge(options).run())
      } catch {
        write("nova-edge: \(error.sentence)\n", to: STDERR_FILENO)
        exit(1)
      }
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
