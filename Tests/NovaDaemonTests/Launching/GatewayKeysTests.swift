// Keys of workers for the gateway: the same after every start, each its own, made of a secret that nobody else may read; and
// the variables by which a client finds it.

import Glibc
import NovaLinux
import NovaModel
import Testing

@testable import NovaDaemon

@Suite struct GatewayKeysTests {
  @Test("a key is stable, its worker's own, and of the documented form")
  func stable() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/gateway.secret"
    let (a, b) = (try #require(WorkerName("outreach")), try #require(WorkerName("outreach-2")))
    let first = try GatewayKeys.open(path)
    let key = first.key(of: a)
    #expect(key.hasPrefix("nova-outreach-"))
    let digits = key.dropFirst("nova-outreach-".count)
    #expect(digits.count == 32 && digits.allSatisfy { $0.isHexDigit && !$0.isUppercase })
    let again = try GatewayKeys.open(path)
    #expect(again.key(of: a) == key && again.hash(of: a) == first.hash(of: a))
    #expect(first.key(of: b).suffix(32) != key.suffix(32))
    #expect(first.hash(of: a).count == 64)
    #expect(GatewayKeys(secret: [UInt8](repeating: 1, count: 32)).key(of: a) != key)
    var info = stat()
    try #require(unsafe stat(path, &info) == 0)
    #expect(info.st_mode & 0o777 == 0o600 && info.st_size == 32)
  }

  @Test(
    "a secret that is not whole is refused and left as it is",
    arguments: ["", "short", String(repeating: "x", count: 33)])
  func damaged(content: String) throws {
    let scratch = try Scratch()
    let path = try scratch.put("gateway.secret", content)
    #expect(throws: SystemError.self) { try GatewayKeys.open(path) }
    #expect(try FileBytes.read(path) == Array(content.utf8))
  }

  private func values(
    _ providers: [String], network: WorkerSpec.Security.Network, listen: String? = "127.0.0.1:9",
    egress: [String] = []
  ) throws -> [String: String] {
    var settings = GatewaySettings()
    settings.listen = listen
    settings.providers = [
      GatewayProvider(name: "anthropic", kind: .anthropic, url: "https://a", keySecret: "A"),
      GatewayProvider(name: "openai", kind: .openai, url: "https://o/v1", keySecret: "O"),
      GatewayProvider(name: "local", kind: .openai, url: "http://127.0.0.1:1/v1", keySecret: "L"),
    ]
    var spec = WorkerSpec(name: try #require(WorkerName("w")), command: .shell("x"))
    spec.security.network = network
    spec.gateway.providers = providers
    spec.gateway.egress = egress
    return GatewayEnvironment.values(of: spec, settings, key: "KEY")
  }

  @Test("each kind of client finds the gateway by the variables that it reads")
  func environment() throws {
    let anthropic = [
      "ANTHROPIC_API_KEY": "KEY", "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
      "ANTHROPIC_API_BASE": "http://127.0.0.1:9", "ANTHROPIC_API_URL": "http://127.0.0.1:9",
    ]
    #expect(try values(["anthropic"], network: .host) == anthropic)
    let openai = [
      "OPENAI_API_KEY": "KEY", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
      "OPENAI_API_BASE": "http://127.0.0.1:9/v1",
    ]
    #expect(try values(["local", "openai"], network: .host) == openai)
    #expect(
      try values(["anthropic", "local"], network: .host)
        == anthropic.merging(openai) { first, _ in first })
    #expect(
      try values(["openai"], network: .gateway, listen: nil)["OPENAI_BASE_URL"]
        == "http://127.0.0.1:7481/v1")
    #expect(try values(["openai"], network: .host, listen: nil) == [:])
    #expect(try values([], network: .host) == [:])
  }

  @Test("who has places to reach from a network of its own finds the proxy, and nobody else")
  func proxy() throws {
    let proxy = [
      "HTTPS_PROXY": "http://127.0.0.1:7481", "https_proxy": "http://127.0.0.1:7481",
      "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost",
    ]
    #expect(try values([], network: .gateway, egress: ["a:1"]) == proxy)
    #expect(try values(["openai"], network: .gateway, egress: ["a:1"]).count == 3 + proxy.count)
    #expect(try values([], network: .gateway) == [:])
    #expect(try values([], network: .host, egress: ["a:1"]) == [:])
    #expect(try values([], network: .none, egress: ["a:1"]) == [:])
  }
}
