// The lines a worker finds in its environment, and whose word counts. Must never contain this process's own.

import NovaModel
import Testing

@testable import NovaDaemon

@Suite struct WorkerEnvironmentTests {
  private func compose(
    _ environment: [String: String] = [:], file: [String: String] = [:], watchdog: Span = .zero,
    number: Int = 2, _ change: (inout WorkerEnvironment.Facts) -> Void = { _ in }
  ) throws -> [String: String] {
    var spec = WorkerSpec(name: try #require(WorkerName("mail")), command: .shell("true"))
    spec.environment = environment
    spec.watchdog = watchdog
    var facts = WorkerEnvironment.Facts(apiSocket: "/run/nova/supervisor.sock")
    change(&facts)
    let lines = WorkerEnvironment.compose(spec: spec, number: number, file: file, facts: facts)
    #expect(lines == lines.sorted())
    return Dictionary(
      uniqueKeysWithValues: try lines.map { line in
        let equals = try #require(line.firstIndex(of: "="))
        return (String(line[..<equals]), String(line[line.index(after: equals)...]))
      })
  }

  @Test("the least there is: what the supervisor says, and nothing it does not know")
  func least() throws {
    #expect(
      try compose() == [
        "PATH": WorkerEnvironment.path, "LANG": "C.UTF-8", "NOVA_WORKER": "mail",
        "NOVA_INSTANCE": "2", "NOVA_SOCKET": "/run/nova/supervisor.sock",
      ])
  }

  @Test("who it runs as is told the way login does")
  func account() throws {
    let values = try compose {
      $0.home = "/srv"
      $0.user = "nova-worker"
      $0.shell = "/bin/false"
    }
    #expect(values["HOME"] == "/srv")
    #expect(values["USER"] == "nova-worker")
    #expect(values["LOGNAME"] == "nova-worker")
    #expect(values["SHELL"] == "/bin/false")
  }

  @Test("what the owner sets himself comes before the gateway's address and key")
  func gateway() throws {
    let values = try compose(
      ["OPENAI_API_KEY": "spec"], file: ["OPENAI_BASE_URL": "file"]
    ) {
      $0.gateway = [
        "OPENAI_API_KEY": "ours", "OPENAI_BASE_URL": "ours", "OPENAI_API_BASE": "ours",
      ]
    }
    #expect(values["OPENAI_API_KEY"] == "spec")
    #expect(values["OPENAI_BASE_URL"] == "file")
    #expect(values["OPENAI_API_BASE"] == "ours")
    // A proxy of his own is not to lose to ours because a client reads the other case first.
    let proxies = try compose(["HTTPS_PROXY": "spec"], file: ["no_proxy": "file"]) {
      $0.gateway = [
        "HTTPS_PROXY": "ours", "https_proxy": "ours", "NO_PROXY": "ours", "no_proxy": "ours",
      ]
    }
    #expect(proxies["HTTPS_PROXY"] == "spec" && proxies["https_proxy"] == nil)
    #expect(proxies["no_proxy"] == "file" && proxies["NO_PROXY"] == nil)
  }

  @Test("environment: counts before environment_file, and that before our defaults")
  func precedence() throws {
    let values = try compose(
      ["B": "spec", "C": "spec", "HOME": "/spec"],
      file: ["A": "file", "B": "file", "PATH": "/file", "HOME": "/file", "LANG": "de_DE.UTF-8"]
    ) { $0.home = "/home" }
    #expect(values["A"] == "file")
    #expect(values["B"] == "spec")
    #expect(values["C"] == "spec")
    #expect(values["PATH"] == "/file")
    #expect(values["LANG"] == "de_DE.UTF-8")
    #expect(values["HOME"] == "/spec")
  }

  @Test("specifiers are expanded in environment: and not in the file's values")
  func specifiers() throws {
    let values = try compose(["PORT": "90%i", "WHO": "%n@%i", "RATE": "5%%"], file: ["F": "%i"])
    #expect(values["PORT"] == "902")
    #expect(values["WHO"] == "mail@2")
    #expect(values["RATE"] == "5%")
    #expect(values["F"] == "%i")
  }

  @Test(
    "a reserved name is the supervisor's, whoever sets it", arguments: WorkerEnvironment.reserved)
  func reserved(name: String) throws {
    let plain = try compose()
    #expect(try compose([name: "forged"])[name] == plain[name])
    #expect(try compose(file: [name: "forged"])[name] == plain[name])
  }

  @Test("sockets, credentials and the watchdog's microseconds are told when there are any")
  func facts() throws {
    let values = try compose(
      ["NOTIFY_SOCKET": "/evil"], watchdog: .milliseconds(1500)
    ) {
      $0.notifySocket = "/run/nova/notify/mail"
      $0.credentials = "/run/nova/credentials/mail@2"
    }
    #expect(values["NOTIFY_SOCKET"] == "/run/nova/notify/mail")
    #expect(values["CREDENTIALS_DIRECTORY"] == "/run/nova/credentials/mail@2")
    #expect(values["WATCHDOG_USEC"] == "1500000")
  }
}
