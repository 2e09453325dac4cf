// Reads arguments, builds the graph, runs, chooses an exit code.

@main struct Main {
  static func main() {}
}
