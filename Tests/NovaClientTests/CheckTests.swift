// `check` on files: where it looks, what it says, and its exit codes. Must never test the loader itself.

import Glibc
import NovaLinux
import NovaWire
import Testing

@testable import NovaClient

@Suite struct CheckTests {
  /// A directory with files, removed afterwards.
  private func withFiles(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let server = FakeServer()
    let root = server.directory + "/etc"
    unsafe mkdir(root, 0o755)
    unsafe mkdir(root + "/workers.d", 0o755)
    defer { try? Subprocess.run(["rm", "-rf", root], to: "clean up") }
    for (name, text) in files {
      try FileBytes.write(Array(text.utf8), to: root + "/" + name, mode: 0o644)
    }
    try body(root)
  }

  private let worker = "workers:\n  a:\n    command: [\"/bin/true\"]\n    user: root\n"

  @Test("a good directory exits 0 and says so")
  func good() throws {
    try withFiles(["supervisor.yaml": "budget: { daily: 5 }\n", "workers.d/a.yaml": worker]) {
      root in
      let outcome = novasup(["check", root])
      #expect(outcome.code == .ok, "\(outcome)")
    }
  }

  @Test("problems of every file come with their place, and the code is 1")
  func bad() throws {
    let files = [
      "supervisor.yaml": "budgett: { daily: 5 }\n",
      "workers.d/a.yaml": worker + "    colour: red\n",
      "workers.d/ignored.txt": "{{{", "nova.env": "NOT A VARIABLE\n",
    ]
    try withFiles(files) { root in
      let outcome = novasup(["check", root])
      #expect(outcome.code == .failed)
      #expect(outcome.out.contains("\(root)/supervisor.yaml:1:1: "), "\(outcome.out)")
      #expect(outcome.out.contains("\(root)/workers.d/a.yaml:5:5: "))
      #expect(outcome.out.contains("\(root)/nova.env:1: "))
      #expect(outcome.err == "novasup: 3 problems\n")
      let json = novasup(["check", root, "-o", "json"])
      #expect(json.code == .failed)
      #expect(json.out.hasPrefix(#"[{"message":"#))
    }
  }

  @Test("one file is judged alone")
  func oneFile() throws {
    try withFiles(["workers.d/a.yaml": "workers: 3\n", "supervisor.yaml": "x: 1\n"]) { root in
      let workers = novasup(["check", root + "/workers.d/a.yaml"])
      #expect(workers.code == .failed)
      #expect(!workers.out.contains("supervisor.yaml"))
      #expect(novasup(["check", root + "/supervisor.yaml"]).out.contains("supervisor.yaml:1:1"))
    }
  }

  @Test("what is not there is said")
  func missing() {
    let outcome = novasup(["check", "/tmp/novasup-there-is-none"])
    #expect(outcome.code == .failed)
    #expect(outcome.err.contains("no such file"))
  }

  @Test("the host report is a table and JSON, and its problems decide the code")
  func host() throws {
    let table = novasup(["doctor"])
    #expect(table.out.hasPrefix("TOPIC"))
    let json = novasup(["check", "--host", "-o", "json"])
    let rows = try APICoding.decodeAnswer([HostCheck.Row].self, from: Array(json.out.utf8))
    #expect(rows.count > 5)
    #expect(json.code == (rows.contains { $0.verdict == "problem" } ? .failed : .ok))
  }
}
