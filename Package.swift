// swift-tools-version: 6.2
// The rooms of the house and which room may open onto which; docs/explanation/architecture.md says why.
// An import that is not listed here does not compile: the walls are held by the build, not by discipline.
import PackageDescription

let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// `archives`: static libraries, of which only the parts that are used come along; `files` are not sources.
func room(
  _ name: String, opensOnto doors: [String] = [], without files: [String] = [],
  libraries: [String] = [], archives: [String] = []
) -> Target {
  .target(
    name: name, dependencies: doors.map { .init(stringLiteral: $0) }, exclude: files,
    swiftSettings: house,
    linkerSettings: libraries.map { .linkedLibrary($0) }
      + archives.map { .linkedLibrary(":lib\($0).a") })
}

func program(_ name: String, opensOnto doors: [String]) -> Target {
  // Relative relocations packed (DT_RELR, glibc 2.36): the 1.1 MB of them that brain and shim would read at each start,
  // and keep mapped, become 30 KB.
  .executableTarget(
    name: name, dependencies: doors.map { .init(stringLiteral: $0) }, swiftSettings: house,
    linkerSettings: [
      .unsafeFlags(["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"])
    ])
}

func tests(_ name: String, opensOnto doors: [String], resources: [Resource] = []) -> Target {
  .testTarget(
    name: name, dependencies: doors.map { .init(stringLiteral: $0) }, resources: resources,
    swiftSettings: house)
}

func library(_ name: String, pkgConfig: String, debian: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debian])])
}

let package = Package(
  name: "nova-supervisor",
  products: [
    .executable(name: "nova-supervisor", targets: ["nova-supervisor"]),
    .executable(name: "nova-shim", targets: ["nova-shim"]),
    .executable(name: "nova-edge", targets: ["nova-edge"]),
    .executable(name: "novasup", targets: ["novasup"]),
    .library(name: "NovaWorker", targets: ["NovaWorker"]),
  ],
  targets: [
    .target(name: "CNovaSys", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    library("CSystemd", pkgConfig: "libsystemd", debian: "libsystemd-dev"),
    library("CSQLite", pkgConfig: "sqlite3", debian: "libsqlite3-dev"),
    // Its header alone: the library is loaded when it is needed.
    .target(name: "CCurl", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    library("CMicroHTTPD", pkgConfig: "libmicrohttpd", debian: "libmicrohttpd-dev"),
    library("CYAML", pkgConfig: "yaml-0.1", debian: "libyaml-dev"),
    library("CCap", pkgConfig: "libcap", debian: "libcap-dev"),
    library("CPCRE2", pkgConfig: "libpcre2-8", debian: "libpcre2-dev"),
    // Without pkg-config, which would link the shared library into whoever needs a hash.
    .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),

    room("NovaModel"),
    room("NovaLifecycle", opensOnto: ["NovaModel"]),
    room("NovaEconomics", opensOnto: ["NovaModel"]),
    room("NovaWire", opensOnto: ["NovaModel", "CYAML"]),
    room("NovaLinux", opensOnto: ["NovaModel", "CNovaSys", "CSystemd", "CCap", "CPCRE2"]),
    room("NovaLedger", opensOnto: ["NovaModel", "CSQLite", "CCrypto"], archives: ["crypto"]),
    room("NovaHTTP", opensOnto: ["NovaModel", "NovaLinux", "CMicroHTTPD", "CCurl"]),
    room(
      "NovaDaemon",
      opensOnto: [
        "NovaModel", "NovaLifecycle", "NovaEconomics", "NovaWire", "NovaLinux", "NovaLedger",
        "NovaHTTP", "CCurl",
      ]),
    room("NovaClient", opensOnto: ["NovaModel", "NovaEconomics", "NovaWire", "NovaLinux"]),
    room(
      "NovaEdge", opensOnto: ["NovaModel", "NovaWire", "NovaLinux", "NovaHTTP", "CCrypto"],
      without: ["Page"], libraries: ["crypto"]),

    // For people who write workers in Swift: it opens onto nothing of ours.
    room("NovaWorker"),

    program("nova-supervisor", opensOnto: ["NovaDaemon"]),
    program("nova-shim", opensOnto: ["NovaModel", "NovaLinux"]),
    program("nova-edge", opensOnto: ["NovaModel", "NovaEdge"]),
    program("novasup", opensOnto: ["NovaClient"]),
    .executableTarget(
      name: "ledger-benchmark", dependencies: ["NovaModel", "NovaLedger", "CSQLite"],
      path: "Tests/Benchmarks/Ledger", swiftSettings: house),
    program("nova-example-worker", opensOnto: ["NovaWorker"]),

    tests("NovaModelTests", opensOnto: ["NovaModel"]),
    tests("NovaLifecycleTests", opensOnto: ["NovaModel", "NovaLifecycle"]),
    tests("NovaEconomicsTests", opensOnto: ["NovaModel", "NovaEconomics"]),
    tests("NovaWireTests", opensOnto: ["NovaModel", "NovaWire"]),
    tests("NovaLinuxTests", opensOnto: ["NovaModel", "NovaLinux"]),
    tests("NovaLedgerTests", opensOnto: ["NovaModel", "NovaLedger"]),
    tests("NovaHTTPTests", opensOnto: ["NovaModel", "NovaLinux", "NovaHTTP"]),
    tests(
      "NovaDaemonTests",
      opensOnto: [
        "NovaModel", "NovaLifecycle", "NovaWire", "NovaLinux", "NovaLedger", "NovaDaemon",
      ]
    ),
    tests("NovaClientTests", opensOnto: ["NovaModel", "NovaWire", "NovaLinux", "NovaClient"]),
    tests(
      "NovaEdgeTests", opensOnto: ["NovaModel", "NovaWire", "NovaLinux", "NovaHTTP", "NovaEdge"]),
    tests("NovaWorkerTests", opensOnto: ["NovaWorker"]),
    tests("TidyTests", opensOnto: []),
  ]
)
