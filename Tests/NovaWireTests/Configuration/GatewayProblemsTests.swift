// Everything that `gateway:` of both files can get wrong, with the exact words and places.

import NovaModel
import Testing

@testable import NovaWire

struct GatewayProblemsTests {
  private static let providers = """
    gateway:
      listen: "127.0.0.1:7481"
      providers:
        anthropic: { kind: anthropic, url: "https://api.anthropic.com", key: ANTHROPIC_API_KEY }

    """

  @Test("the supervisor's section is judged in these words", arguments: Self.supervisorTable)
  func supervisor(lines: String, problems: [String]) {
    let text = "gateway:\n  providers:\n" + lines
    #expect(
      ConfigurationFixture.load(supervisor: text).problems.map(\.description)
        == problems.map { "s.yaml:" + $0 })
  }

  static let supervisorTable: [(String, [String])] = [
    (
      "    a: { kind: gemini, url: \"https://x\", key: K }",
      ["3:16: gateway.providers.a.kind: 'gemini' is not one of anthropic, openai"]
    ),
    (
      "    a: { kind: openai, key: K }", ["3:8: gateway.providers.a has no url"]
    ),
    (
      "    a: { kind: openai, url: \"http://api.openai.com/v1\", key: K }",
      [
        "3:29: gateway.providers.a.url: 'http://api.openai.com/v1' would send the key in the clear (use https://)"
      ]
    ),
    ("    a: { kind: openai, url: \"http://[::1]:8000/v1\", key: K }", []),
    ("    a: { kind: openai, url: \"http://127.0.0.1:8000\", key: K }", []),
    (
      "    a: { kind: openai, url: \"http://127.0.0.1.evil:8000\", key: K }",
      [
        "3:29: gateway.providers.a.url: 'http://127.0.0.1.evil:8000' would send the key in the clear (use https://)"
      ]
    ),
    (
      "    a: { kind: openai, url: \"https://user:pw@x/v1\", key: K }",
      [
        "3:29: gateway.providers.a.url: 'https://user:pw@x/v1' is not an address such as https://api.anthropic.com"
      ]
    ),
    (
      "    a: { kind: openai, url: \"https://x\", key: sk/1 }",
      ["3:47: gateway.providers.a.key: 'sk/1' is not the name of a secret (letters, digits, _ . -)"]
    ),
    (
      "    a: { kind: openai, url: \"https://x\", key: K, fallback: bb }\n"
        + "    b: { kind: openai, url: \"https://x\", key: K }",
      ["3:60: gateway.providers.a.fallback: there is no provider 'bb' (did you mean 'b'?)"]
    ),
    (
      "    a: { kind: openai, url: \"https://x\", key: K, fallback: b }\n"
        + "    b: { kind: anthropic, url: \"https://x\", key: K }",
      [
        "3:60: gateway.providers.a.fallback: 'b' speaks anthropic, not openai: it would not understand the call"
      ]
    ),
    (
      "    a: { kind: openai, url: \"https://x\", key: K, fallback: a }",
      ["3:60: gateway.providers.a.fallback: makes a cycle: a -> a"]
    ),
    (
      "    a: { kind: openai, url: \"https://x\", key: K, fallback: b }\n"
        + "    b: { kind: openai, url: \"https://x\", key: K, fallback: a }",
      [
        "3:60: gateway.providers.a.fallback: makes a cycle: a -> b -> a",
        "4:60: gateway.providers.b.fallback: makes a cycle: b -> a -> b",
      ]
    ),
    (
      "    a: { kind: openai, url: \"https://x\", key: K, timeout: 1500ms }",
      ["3:59: gateway.providers.a.timeout: must be whole seconds"]
    ),
    (
      "    a: { kind: openai, url: \"https://x\", key: K, requests_per_minute: 0 }",
      ["3:71: gateway.providers.a.requests_per_minute: '0' is not between 1 and 1000000"]
    ),
    (
      "    a: { kind: openai, url: \"https://x\", key: K, daily: -1 }",
      ["3:57: gateway.providers.a.daily: '-1' is negative"]
    ),
    (
      "    \"a b\": { kind: openai, url: \"https://x\", key: K }",
      [
        "3:5: gateway.providers: 'a b' is not a valid name (lower-case letters, digits, - and _, at most 63, not starting with - or _)"
      ]
    ),
  ]

  @Test("a worker's section is judged in these words", arguments: Self.workerTable)
  func worker(lines: String, problem: String) {
    let text = "workers:\n  a:\n    command: x\n    \(lines)\n"
    #expect(
      ConfigurationFixture.load(supervisor: Self.providers, workers: [text]).problems.map(
        \.description) == ["w1.yaml:" + problem])
  }

  static let workerTable: [(String, String)] = [
    (
      "gateway: { providers: [antropic] }",
      "4:28: gateway.providers: there is no provider 'antropic' (did you mean 'anthropic'?)"
    ),
    (
      "gateway: { providers: [anthropic, anthropic] }",
      "4:39: gateway.providers: 'anthropic' is there twice"
    ),
    ("gateway: { model: x }", "4:16: unknown key 'model' in gateway (did you mean 'models'?)"),
    ("gateway: { concurrent: 0 }", "4:28: gateway.concurrent: '0' is not between 1 and 10000"),
    ("gateway: { cache: 2d }", "4:23: gateway.cache: '2d' is not between 0s and 1d"),
    (
      "gateway: { egress: [\"*.stripe.com:443\"] }",
      "4:25: gateway.egress: '*.stripe.com:443' is not one host and its port (such as api.stripe.com:443)"
    ),
    (
      "gateway: { egress: [api.stripe.com] }",
      "4:25: gateway.egress: 'api.stripe.com' is not an address with a port (such as 127.0.0.1:7480)"
    ),
    (
      "gateway: { egress: [\"a.example:1\"] }",
      "4:24: gateway.egress: security.network: host is not held to it (use network: gateway)"
    ),
    (
      "security: { network: none }\n    gateway: { egress: [\"a.example:1\"] }",
      "5:24: gateway.egress: security.network: none is not held to it (use network: gateway)"
    ),
    (
      "security: { network: none }\n    gateway: { providers: [anthropic] }",
      "5:27: gateway.providers: security.network: none reaches no gateway (use network: gateway, or host)"
    ),
  ]

  @Test("a worker of the host's network needs an address of the gateway")
  func reach() {
    let supervisor =
      "gateway: { providers: { p: { kind: openai, url: \"https://x/v1\", key: K } } }"
    func problems(_ more: String) -> [String] {
      ConfigurationFixture.load(
        supervisor: supervisor,
        workers: ["workers:\n  a:\n    command: x\n    gateway: { providers: [p] }\n" + more]
      ).problems.map(\.description)
    }
    #expect(
      problems("") == [
        "w1.yaml:2:1: worker 'a' of the host's network cannot reach the gateway (set gateway.listen in supervisor.yaml, such as 127.0.0.1:7481, or its security.network: gateway)"
      ])
    #expect(problems("    security: { network: gateway }\n") == [])
  }

  @Test("without providers in supervisor.yaml a worker is told so")
  func none() {
    #expect(
      ConfigurationFixture.load(workers: [
        "workers: { a: { command: x, gateway: { providers: [p] } } }"
      ]).problems.first?.message
        == "gateway.providers: there is no provider 'p' (gateway.providers of supervisor.yaml is empty)"
    )
  }
}
