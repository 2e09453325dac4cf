// Whole configurations: every documented key arrives, defaults hold, files are judged together.

import NovaModel
import Testing

@testable import NovaWire

struct ConfigurationLoaderTests {
  private func name(_ text: String) throws -> WorkerName { try #require(WorkerName(text)) }

  @Test("no file at all is a configuration with every default")
  func defaults() {
    let result = ConfigurationFixture.load()
    #expect(result.problems.isEmpty && result.warnings.isEmpty)
    #expect(
      result.configuration
        == Configuration(settings: SupervisorSettings(), workers: [:], zones: ["UTC": .utc]))
    #expect(
      result.configuration?.settings.decisionInterval == .seconds(60), "a look each minute")
  }

  @Test("every key of supervisor.yaml arrives typed")
  func supervisor() throws {
    let result = ConfigurationFixture.load(supervisor: ConfigurationFixture.supervisor)
    #expect(result.problems == [])
    let configuration = try #require(result.configuration)
    var expected = SupervisorSettings()
    expected.autonomous = true
    expected.decisionMode = "evidence"
    expected.dailyBudget = Money(microUSD: 12_500_000)
    expected.timezone = "Europe/Berlin"
    expected.reinvestPercent = 40
    expected.hardCap = Money(microUSD: 20_000_000)
    expected.attribution = .timeDecay
    expected.thresholds.minROIPercent = 151
    expected.thresholds.warnROIPercent = 101
    expected.thresholds.scaleROIPercent = 301
    expected.thresholds.killROIPercent = -1
    expected.thresholds.scaleSuccessRatePercent = 81
    expected.thresholds.minRuns = 21
    expected.thresholds.requireApprovalAbove = Money(microUSD: 51_000_000)
    expected.prices.cpuHour = Price(picoUSD: 31_612_000_000)
    expected.prices.memoryGiBHour = Price(picoUSD: 4_238_000_000)
    expected.prices.gpuHour = Price(picoUSD: 960_000_000_000)
    expected.prices.hostHour = Price(picoUSD: 1_500_000_000_000)
    expected.prices.shareIdle = .even
    expected.accounting.sampleInterval = .seconds(2)
    expected.accounting.bookingInterval = .seconds(30)
    expected.accounting.retention = .seconds(30 * 86_400)
    expected.backups.interval = .seconds(12 * 3600)
    expected.backups.keep = 3
    expected.edgeListen = "127.0.0.1:7480"
    expected.edgeTokenFile = "/etc/nova/tokens"
    var ops = AlertChannel(name: "ops", kind: .slack)
    ops.url = "https://hooks.example"
    ops.secret = "SLACK_TOKEN"
    ops.to = ["#ops"]
    ops.intervalSeconds = 2
    ops.quietHours = QuietHours(from: 1320, until: 425, timezone: "Europe/Berlin")
    expected.alerts.channels = [ops, AlertChannel(name: "host", kind: .journal)]
    var route = AlertRoute()
    route.severity = .critical
    route.workers = ["outreach"]
    route.channels = ["ops"]
    expected.alerts.routes = [route]
    expected.gateway.listen = "127.0.0.1:7481"
    expected.gateway.unknownModel = .dearest
    expected.gateway.otherPaths = .pass
    var anthropic = GatewayProvider(
      name: "anthropic", kind: .anthropic, url: "https://api.anthropic.com",
      keySecret: "ANTHROPIC_API_KEY")
    anthropic.fallback = "bedrock"
    anthropic.dailyUSD = "25.500000"
    anthropic.requestsPerMinute = 600
    anthropic.tokensPerMinute = 400_000
    anthropic.timeoutSeconds = 540
    expected.gateway.providers = [
      anthropic,
      GatewayProvider(
        name: "bedrock", kind: .anthropic, url: "https://bedrock.example/anthropic",
        keySecret: "BEDROCK_KEY"),
      GatewayProvider(
        name: "local", kind: .openai, url: "http://127.0.0.1:8000/v1", keySecret: "LOCAL_KEY"),
    ]
    #expect(configuration.settings == expected)
    #expect(configuration.zones["Europe/Berlin"]?.offset(at: 1_711_846_800) == 7200)
  }

  @Test("every key of a worker arrives typed")
  func worker() throws {
    let result = ConfigurationFixture.load(
      supervisor: ConfigurationFixture.supervisor, workers: [ConfigurationFixture.workers])
    #expect(result.problems == [])
    let configuration = try #require(result.configuration)
    var expected = WorkerSpec(
      name: try name("outreach"),
      command: .arguments(["/opt/agents/outreach", "--target=b2b", "--port=90%i"]))
    expected.directory = "/opt/agents/%n"
    expected.identity.user = "nova-worker"
    expected.identity.group = "nova"
    expected.identity.supplementaryGroups = ["video", "44"]
    expected.identity.umask = 0o27
    expected.identity.nice = -5
    expected.identity.oomScoreAdjust = 500
    expected.environment = ["LOG_LEVEL": "info", "PORT": "90%i", "DEBUG": "true", "EMPTY": ""]
    expected.environmentFile = "-/etc/nova/outreach.env"
    expected.secrets = ["STRIPE_API_KEY"]
    expected.autostart = false
    expected.instances = 3
    expected.minInstances = 2
    expected.maxInstances = 4
    expected.mode = .schedule(try CronText.parse("*/5 * * * *"), zone: "Europe/Berlin")
    expected.ready = .log("listening on \\d+")
    expected.startTimeout = .seconds(61)
    expected.stopSignal = 2
    expected.stopTimeout = .seconds(11)
    expected.watchdog = .seconds(30)
    expected.restart = .onFailure
    expected.successExitCodes = [0, 3]
    expected.backoff.delay = .seconds(2)
    expected.backoff.factorMilli = 1500
    expected.backoff.max = .seconds(31)
    expected.backoff.jitterPercent = 20
    expected.crashLimit.maxCrashes = 6
    expected.crashLimit.window = .seconds(660)
    expected.crashLimit.cooldown = .seconds(360)
    expected.crashLimit.maxCooldowns = -1
    expected.requires = [try name("redis")]
    expected.after = [try name("redis")]
    var api = WorkerSpec.HealthCheck(name: "api", probe: .http("http://127.0.0.1:90%i/health"))
    api.period = .seconds(11)
    api.timeout = .seconds(4)
    api.threshold = 2
    api.action = .none
    expected.health = [
      api, .init(name: "port", probe: .tcp("90%i")),
      .init(name: "probe", probe: .exec(.arguments(["/bin/true"]))),
    ]
    expected.limits.memoryBytes = 512 << 20
    expected.limits.memoryHighBytes = 400 << 20
    expected.limits.cpuPercent = 150
    expected.limits.pids = 256
    expected.limits.files = 4096
    expected.limits.ioWeight = 100
    expected.security.noNewPrivileges = false
    expected.security.network = .gateway
    expected.security.capabilities = ["cap_net_bind_service", "cap_chown"]
    expected.logs.driver = .file
    expected.logs.maxSizeBytes = 10 << 20
    expected.logs.keep = 2
    expected.budget.daily = Money(microUSD: 10_000_000)
    expected.budget.total = Money(microUSD: 99_000_000)
    expected.budget.perRun = Money(microUSD: 2_500_000)
    expected.budget.onExceeded = .ask
    expected.budget.pauseMode = .afterRun
    expected.budget.soft = true
    expected.economics.revenueWindow = .seconds(8 * 86_400)
    expected.economics.conversionLag = .seconds(25 * 3600)
    expected.economics.trustReportedRevenue = false
    expected.economics.expectedROIPercent = 200
    expected.economics.revenueCapPerRun = Money(microUSD: 5_000_000)
    expected.economics.reserveCPUPercent = 50
    expected.economics.reserveMemoryBytes = 1 << 30
    expected.economics.creditCycles = 13
    expected.economics.successEvidence = "observed"
    expected.gateway.providers = ["anthropic", "local"]
    expected.gateway.models = ["claude-*"]
    expected.gateway.requestsPerMinute = 60
    expected.gateway.tokensPerMinute = 90_000
    expected.gateway.concurrent = 4
    expected.gateway.cacheSeconds = 300
    expected.gateway.egress = ["api.stripe.com:443"]
    expected.origin = "w1.yaml:4"
    #expect(configuration.workers[expected.name] == expected)
    var redis = WorkerSpec(name: try name("redis"), command: .shell("redis-server --port 63%i"))
    redis.origin = "w1.yaml:2"
    #expect(configuration.workers[redis.name] == redis)
    #expect(configuration.workers.count == 2)
  }

  @Test("the fixture sets every key the schema knows")
  func fixtureIsComplete() throws {
    let root = try #require(try YAMLReader.read(Array(ConfigurationFixture.workers.utf8)))
    guard case .mapping(let top) = root.content, case .mapping(let workers) = top[0].value.content,
      case .mapping(let keys) = workers[1].value.content
    else {
      Issue.record("the fixture is no mapping")
      return
    }
    #expect(Set(keys.map(\.key)).union(["interval"]) == Set(WorkerSchema.keys))
    #expect(WorkerSchema.keys == WorkerSchema.keys.sorted())
  }

  @Test("LF, CRLF, a BOM and UTF-16 load the same")
  func encodings() {
    let text = ConfigurationFixture.workers
    let plain = ConfigurationFixture.load(
      supervisor: ConfigurationFixture.supervisor, workers: [text])
    func load(_ bytes: [UInt8]) -> ConfigurationResult {
      ConfigurationLoader.load(
        ConfigurationSource(
          supervisor: ConfigurationFile(
            path: "s.yaml", bytes: Array(ConfigurationFixture.supervisor.utf8)),
          workers: [ConfigurationFile(path: "w1.yaml", bytes: bytes)],
          zone: ConfigurationFixture.zone))
    }
    #expect(plain.configuration != nil)
    #expect(load(Array(text.replacing("\n", with: "\r\n").utf8)) == plain)
    #expect(load([0xEF, 0xBB, 0xBF] + Array(text.utf8)) == plain)
    let little = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    #expect(load([0xFF, 0xFE] + little) == plain)
  }

  @Test("every network a worker may have is in effect", arguments: ["host", "none", "gateway"])
  func networks(network: String) throws {
    let text = "workers: { b: { command: x, security: { network: \(network) } } }"
    let result = ConfigurationFixture.load(workers: [text])
    #expect(result.warnings.isEmpty)
    let worker = try #require(result.configuration?.workers.values.first)
    #expect(worker.security.network.rawValue == network)
  }

  @Test("problems of all files come together, by file and place, and nothing is half-loaded")
  func together() {
    let result = ConfigurationFixture.load(
      supervisor: "budget: { daily: much }\nautonomos: true\n",
      workers: ["workers: { a: { comand: x } }", "a: [", "workers:\n  a: { command: y }\n"])
    #expect(
      result.problems.map(\.description) == [
        "s.yaml:1:18: budget.daily: 'much' is not an amount in USD (such as 0.05 or 100; at most 6 decimals)",
        "s.yaml:2:1: unknown key 'autonomos' in the supervisor's configuration (did you mean 'autonomous'?)",
        "w1.yaml:1:12: worker 'a' has no command",
        "w1.yaml:1:17: unknown key 'comand' in worker 'a' (did you mean 'command'?)",
        "w2.yaml:2:1: is not valid YAML: did not find expected node content while parsing a flow node",
        "w3.yaml:2:3: worker 'a' is already defined at w1.yaml:1:12",
      ])
    #expect(result.configuration == nil)
  }

  @Test("a legacy name overrides the file, an empty one does not, and the others are not looked at")
  func overrides() throws {
    let result = ConfigurationFixture.load(
      supervisor: "budget: { daily: 5 }\n",
      overrides: [
        "MAX_DAILY_BUDGET": "7.25", "AUTONOMOUS_ENABLED": "True", "DECISION_MODE": "evidence",
        "MIN_ROI_THRESHOLD": "120.0", "SCALE_ROI_THRESHOLD": "250%", "KILL_ROI_THRESHOLD": "-10",
        "REQUIRE_APPROVAL_ABOVE": "", "STRIPE_API_KEY": "sk", "HOME": "/",
      ])
    let settings = try #require(result.configuration?.settings)
    #expect(settings.dailyBudget == Money(microUSD: 7_250_000))
    #expect(settings.autonomous && settings.decisionMode == "evidence")
    #expect(settings.thresholds.minROIPercent == 120)
    #expect(settings.thresholds.scaleROIPercent == 250)
    #expect(settings.thresholds.killROIPercent == -10)
    #expect(settings.thresholds.requireApprovalAbove == Money(microUSD: 50_000_000))
  }

  @Test("a bad override names the variable")
  func badOverrides() {
    let result = ConfigurationFixture.load(
      overrides: [
        "MAX_DAILY_BUDGET": "lots", "AUTONOMOUS_ENABLED": "maybe", "MIN_ROI_THRESHOLD": "1.5",
        "DECISION_MODE": "evidense",
      ])
    #expect(
      result.problems.map(\.description) == [
        "environment variable AUTONOMOUS_ENABLED: 'maybe' is not true or false",
        "environment variable DECISION_MODE: 'evidense' is not one of threshold, evidence (did you mean 'evidence'?)",
        "environment variable MAX_DAILY_BUDGET: 'lots' is not an amount in USD (such as 0.05 or 100; at most 6 decimals)",
        "environment variable MIN_ROI_THRESHOLD: '1.5' is not a whole percentage (such as 150%)",
      ])
    #expect(result.configuration == nil)
  }

  @Test("a file of garbage is reported in a hundred lines and a count")
  func manyProblems() {
    let text = (0..<500).map { "key\($0): 1\n" }.joined()
    let result = ConfigurationFixture.load(supervisor: text)
    #expect(result.problems.count == 101)
    #expect(result.problems.last?.description == "configuration: and 400 more problems")
  }
}
