// What is printed loads back to what was printed.

import NovaModel
import Testing

@testable import NovaWire

struct ConfigurationPrinterTests {
  private func comparable(_ configuration: Configuration) -> Configuration {
    var copy = configuration
    for name in copy.workers.keys {
      copy.workers[name]?.origin = ""
      copy.workers[name]?.environment = [:]
    }
    return copy
  }

  @Test(
    "the printed configuration loads back to the same one",
    arguments: [
      (ConfigurationFixture.supervisor, ConfigurationFixture.workers),
      (
        "",
        "workers: { plain: { command: x }, t: { command: [a, \"q\\\"\\\\\\n\\t\\x07é✓\\u2028\\U0001F600\"] } }"
      ),
      (
        "",
        "workers: { j: { command: x, mode: job, interval: 90s }, o: { command: y, mode: job, ready: notify } }"
      ),
    ])
  func roundTrip(supervisor: String, workers: String) throws {
    let first = try #require(
      ConfigurationFixture.load(supervisor: supervisor, workers: [workers]).configuration)
    let second = ConfigurationFixture.load(
      supervisor: ConfigurationPrinter.supervisor(first.settings),
      workers: [ConfigurationPrinter.workers(first.workers)])
    #expect(second.problems == [])
    #expect(second.configuration.map(comparable) == comparable(first))
  }

  @Test("names of environment variables are listed and their values are not")
  func values() throws {
    let configuration = try #require(
      ConfigurationFixture.load(workers: [
        "workers: { a: { command: x, environment: { TOKEN: s3cret, A: b1 } } }"
      ]).configuration)
    let text = ConfigurationPrinter.workers(configuration.workers)
    #expect(text.contains("    # environment, values not shown: A, TOKEN\n"))
    #expect(!text.contains("s3cret") && !text.contains("b1"))
  }
}
