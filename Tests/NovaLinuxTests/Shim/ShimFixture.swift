// A real nova-shim in a runtime directory of its own, and a patient client. Must leave nothing behind: no process, no
// directory, no cgroup.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

/// What a test waited for did not come in time.
struct TimedOut: Error, CustomStringConvertible {
  let description: String
}

/// Facts about where the tests run.
enum Host {
  /// nova-shim beside the test program, as `swift build` puts it.
  static let shim: String? = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init), as: UTF8.self)
    guard let slash = own.lastIndex(of: "/") else { return nil }
    let beside = String(own[..<slash]) + "/nova-shim"
    if let named = unsafe getenv("NOVA_SHIM") { return unsafe String(cString: named) }
    return unsafe access(beside, X_OK) == 0 ? beside : nil
  }()

  static let isRoot = geteuid() == 0

  /// Whether a process may have a network of its own here.
  static let mayUnshare: Bool = {
    var order = SpawnOrder(slot: "a@1", incarnation: 1, arguments: ["/bin/true"], environment: [])
    order.network = .none
    guard let null = try? Descriptor.null(),
      let (pid, report) = try? order.startApart(stdio: (null.raw(), null.raw(), null.raw()))
    else { return false }
    var status: CInt = 0
    while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    if case .executing = SpawnReport.read(report) { return true }
    return false
  }()

  static let hasCgroup: Bool = {
    let root = CgroupRoot.prepare(.auto, runtime: "/nova-linux-tests-\(getpid())")
    defer { root.remove() }
    return root.path != nil
  }()
}

/// A directory below /tmp, removed with everything in it (two levels) when it goes out of scope.
final class TemporaryDirectory {
  let path: String

  init() {
    var template = Array("/tmp/nova-test-XXXXXX".utf8CString)
    unsafe mkdtemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  static func remove(_ path: String) {
    guard let directory = unsafe opendir(path) else { return }
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if name == "." || name == ".." { continue }
      let isDirectory = unsafe entry.pointee.d_type == UInt8(DT_DIR)
      if isDirectory { remove(path + "/" + name) } else { unsafe unlink(path + "/" + name) }
    }
    unsafe closedir(directory)
    unsafe rmdir(path)
  }
}

/// Milliseconds left until a deadline, for poll(2).
func remaining(_ deadline: Instant) -> CInt {
  CInt(clamping: max(0, (deadline - Clock.now().instant).wholeMilliseconds))
}

/// Reads until end of file or the deadline.
func readAll(_ pipe: borrowing Descriptor, seconds: Int64 = 20) -> String {
  let deadline = Clock.now().instant + .seconds(seconds)
  var bytes: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 65_536)
  while true {
    var entry = pollfd(fd: pipe.raw(), events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&entry, 1, remaining(deadline)) > 0 else { break }
    let count = unsafe read(pipe.raw(), &part, part.count)
    if count <= 0 { break }
    bytes += part.prefix(count)
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// A pipe, both ends close-on-exec.
func makePipe() throws -> (read: DescriptorBox, write: DescriptorBox) {
  var ends: [CInt] = [-1, -1]
  unsafe pipe(&ends)
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  return (DescriptorBox(Descriptor(ends[0])), DescriptorBox(Descriptor(ends[1])))
}

/// The shim under test.
final class ShimFixture {
  let directory = TemporaryDirectory()
  let pid: Int32
  let root: String?
  private(set) var client: ShimClient
  private var waiting: [ShimReport] = []
  private var pids: Set<Int32> = []
  private var ended: Int32?
  private var listsUnderway = 0
  private let features: [String]

  init(cgroup: ShimOptions.Cgroup = .none, features: [String] = []) throws {
    self.features = features
    let binary = try #require(Host.shim)
    pid = try ShimLauncher.launch(binary: binary, runtime: directory.path, cgroup: cgroup)
    client = try Self.connect(directory.path)
    try client.send(.hello(version: 1, features: features))
    root = try Self.hello(client)
  }

  /// Tries until it listens.
  static func connect(_ runtime: String) throws -> ShimClient {
    let deadline = Clock.now().instant + .seconds(20)
    while true {
      do { return try ShimClient.connect(to: runtime + "/shim.sock") } catch {
        guard remaining(deadline) > 0 else { throw error }
        poll(nil, 0, 5)
      }
    }
  }

  static func hello(_ client: ShimClient) throws -> String? {
    let reports = try drain(client, seconds: 20)
    for case .hello(_, _, _, let root, _) in reports { return root }
    throw TimedOut(description: "no hello")
  }

  /// At least one report, or none at the deadline.
  private static func drain(_ client: ShimClient, seconds: Int64) throws -> [ShimReport] {
    let deadline = Clock.now().instant + .seconds(seconds)
    while true {
      let reports = try client.receive()
      if !reports.isEmpty || client.isClosed { return reports }
      client.flush()
      let events = Int16(client.wantsWrite ? POLLIN | POLLOUT : POLLIN)
      var entry = pollfd(fd: client.descriptor, events: events, revents: 0)
      guard unsafe poll(&entry, 1, remaining(deadline)) > 0 else { return [] }
    }
  }

  /// A new connection takes the place of the old; reports of the old one are forgotten.
  func reconnect() throws {
    waiting = []
    client = try Self.connect(directory.path)
    try client.send(.hello(version: 1, features: features))
    try client.send(.list)
    listsUnderway = 1
  }

  /// Leaves the shim without a brain: a connection that says nothing takes the place of the old.
  func disconnect() throws {
    waiting = []
    client = try Self.connect(directory.path)
  }

  /// Waits for the shim itself to end; its wait status.
  func shimStatus() throws -> Int32 {
    let deadline = Clock.now().instant + .seconds(20)
    var status: CInt = 0
    while unsafe waitpid(pid, &status, WNOHANG) == 0 {
      guard remaining(deadline) > 0 else { throw TimedOut(description: "the shim lives") }
      poll(nil, 0, 5)
    }
    ended = status
    return status
  }

  /// The first report, kept or to come, that `pick` makes something of.
  func wait<Value>(
    _ what: String, seconds: Int64 = 30, _ pick: (ShimReport) -> Value?
  ) throws -> Value {
    let deadline = Clock.now().instant + .seconds(seconds)
    while true {
      for (index, report) in waiting.enumerated() {
        if let value = pick(report) {
          waiting.remove(at: index)
          return value
        }
      }
      guard remaining(deadline) > 0, !client.isClosed else {
        throw TimedOut(description: "no \(what); there is \(waiting)")
      }
      let new = try Self.drain(client, seconds: 1)
      for case .started(_, _, let pid, _) in new { pids.insert(pid) }
      for case .exited(let exit) in new { pids.remove(exit.pid) }
      waiting += new
    }
  }

  /// Spawns with output into a pipe; answers its read end.
  @discardableResult
  func spawn(_ order: SpawnOrder) throws -> DescriptorBox {
    let (read, write) = try makePipe()
    let null = Descriptor(unsafe open("/dev/null", O_RDONLY | O_CLOEXEC))
    try client.send(.spawn(order), descriptors: [null.raw(), write.raw(), write.raw()])
    return read
  }

  func shell(_ slot: String, _ script: String, incarnation: UInt64 = 1) -> SpawnOrder {
    SpawnOrder(
      slot: slot, incarnation: incarnation, arguments: ["/bin/sh", "-c", script],
      environment: ["PATH=/usr/bin:/bin"])
  }

  func started(_ slot: String) throws -> Int32 {
    try wait("started \(slot)") { report in
      if case .started(slot, _, let pid, _) = report { pid } else { nil }
    }
  }

  func exit(_ slot: String) throws -> ExitReport {
    try wait("exited \(slot)") { report in
      if case .exited(let exit) = report, exit.slot == slot { exit } else { nil }
    }
  }

  func failure(_ slot: String) throws -> SpawnFailure {
    try wait("failed \(slot)") { report in
      if case .failed(slot, _, let stage, let number) = report {
        SpawnFailure(stage, number)
      } else {
        nil
      }
    }
  }

  func notifySocket(_ worker: String) throws -> NotifySocket {
    try wait("notify socket") { report in
      if case .notifySocket(worker, let box) = report { NotifySocket(box) } else { nil }
    }
  }

  func listener(_ slot: String, _ incarnation: UInt64 = 1) throws -> DescriptorBox {
    try wait("listener of \(slot)") { report in
      if case .listener(slot, incarnation, let box) = report { box } else { nil }
    }
  }

  /// What the shim holds open.
  var descriptorCount: Int {
    guard let directory = unsafe opendir("/proc/\(pid)/fd") else { return -1 }
    defer { unsafe closedir(directory) }
    var count = 0
    while unsafe readdir(directory) != nil { count += 1 }
    return count
  }

  func refusal() throws -> String {
    try wait("refused") { report in if case .refused(let text) = report { text } else { nil } }
  }

  /// What a fresh list says is alive and is unacknowledged.
  func list() throws -> (children: [String: Int32], exits: [String: NovaModel.ExitStatus]) {
    try client.send(.list)
    listsUnderway += 1
    var children: [String: Int32] = [:]
    var exits: [String: NovaModel.ExitStatus] = [:]
    while listsUnderway > 0 {
      let part: ShimReport = try wait("listed") { report in
        switch report {
        case .child, .exited, .listed: report
        default: nil
        }
      }
      switch part {
      case .child(let slot, _, let pid, _): children[slot] = pid
      case .exited(let exit): exits[exit.slot] = exit.status
      default:
        listsUnderway -= 1
        // The answer to an earlier question does not count.
        if listsUnderway > 0 { (children, exits) = ([:], [:]) }
      }
    }
    return (children, exits)
  }

  deinit {
    if let root {
      Self.write("1", to: root + "/cgroup.kill")
    }
    for pid in pids { kill(-pid, SIGKILL) }
    if ended == nil {
      kill(pid, SIGKILL)
      var status: CInt = 0
      unsafe waitpid(pid, &status, 0)
    }
    if let root { Self.removeGroups(root) }
  }

  static func write(_ text: String, to path: String) {
    let number = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard number >= 0 else { return }
    let file = Descriptor(number)
    _ = unsafe Glibc.write(file.raw(), text, text.utf8.count)
  }

  static func removeGroups(_ root: String) {
    let deadline = Clock.now().instant + .seconds(5)
    for name in ["/w-a-1", "/w-b-1", ""] {
      while unsafe rmdir(root + name) != 0, errno == EBUSY, remaining(deadline) > 0 {
        poll(nil, 0, 5)
      }
    }
  }
}

/// The whole of a small file.
func contents(_ path: String) -> String {
  let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard number >= 0 else { return "" }
  return readAll(Descriptor(number))
}

extension DescriptorBox {
  /// Reads until `count` lines are there, or the deadline.
  func line(_ count: Int) throws -> String {
    let deadline = Clock.now().instant + .seconds(20)
    var bytes: [UInt8] = []
    var byte: [UInt8] = [0]
    while bytes.count(where: { $0 == UInt8(ascii: "\n") }) < count {
      var entry = pollfd(fd: raw(), events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&entry, 1, remaining(deadline)) > 0, unsafe read(raw(), &byte, 1) == 1
      else { throw TimedOut(description: "only \(bytes)") }
      bytes += byte
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads until end of file or the deadline.
  func readAll() throws -> String { NovaLinuxTests.readAll(try duplicate()) }
}
