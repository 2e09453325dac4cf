// Reads arguments, builds the graph, runs, chooses an exit code.

import Glibc
import NovaClient

@main struct Main {
  static func main() { exit(Novasup.runProcess()) }
}
