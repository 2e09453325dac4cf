// The program nova-shim: reads its arguments, runs the shim, chooses an exit code. Must never do anything else: it is
// the parent of every worker and outlives every supervisor.

internal import Glibc
internal import NovaLinux

@main struct Main {
  static func main() {
    switch ShimOptions.parse(CommandLine.arguments.dropFirst()) {
    case .version:
      say("nova-shim, protocol \(ShimProtocol.version)\n", to: 1)
    case .help:
      say("usage: nova-shim --runtime DIR [--cgroup auto|none|PATH] [--detached]\n", to: 1)
    case .refused(let why):
      say("nova-shim: \(why)\n", to: 2)
      exit(2)
    case .run(let options):
      do {
        exit(try ShimServer.run(options))
      } catch {
        say("nova-shim: \(error.message)\n", to: 2)
        exit(1)
      }
    }
  }

  private static func say(_ text: String, to descriptor: CInt) {
    // SAFETY: the text outlives the call.
    _ = unsafe write(descriptor, text, text.utf8.count)
  }
}
