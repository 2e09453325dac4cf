// From an order to a running child: strings and look-ups here, everything after clone3(2) in spawn.c.
// Must never run Swift in the child, and never wait for it: the report pipe tells the rest.

internal import CNovaSys
internal import Glibc
internal import NovaModel

/// A child whose program may not be executing yet.
struct SpawnedChild {
  let pid: Int32
  /// End of file: it executes. Eight bytes: it is apart, or it failed. One byte with a descriptor, before: its listener.
  /// Non-blocking.
  let report: DescriptorBox
  /// The child's end of it. Until it says that it is apart, or has ended, it has our table of descriptors: neither this may be
  /// closed before, nor what it was given.
  let shared: DescriptorBox?
}

/// Why there is no child.
struct SpawnFailure: Error, Hashable {
  let stage: SpawnStage
  let number: Int32

  init(_ stage: SpawnStage, _ number: Int32) {
    self.stage = stage
    self.number = number
  }

  /// What the child wrote on its pipe, nil for anything else than one whole report.
  init?(report bytes: ArraySlice<UInt8>) {
    guard let stage = littleEndian(Int32.self, bytes.prefix(4)),
      let number = littleEndian(Int32.self, bytes.dropFirst(4)),
      SpawnStage.allCases.indices.contains(Int(stage))
    else { return nil }
    self.init(SpawnStage.allCases[Int(stage)], number)
  }
}

extension SpawnOrder {
  /// Starts the child with these three descriptors, in the cgroup whose directory `group` is (-1: where we are).
  func start(stdio: (CInt, CInt, CInt), group: CInt) throws(SpawnFailure) -> SpawnedChild {
    let everything = arguments + environment + [directory ?? "/"]
    guard let program = arguments.first, !program.isEmpty,
      !everything.contains(where: { $0.utf8.contains(0) })
    else { throw SpawnFailure(.prepare, EINVAL) }
    let candidates = CStrings(candidates(for: program))
    let arguments = CStrings(arguments)
    let environment = CStrings(environment)
    let directory = CStrings([directory ?? "/"])
    let limits = rlimits.map { nova_limit(resource: $0.resource, soft: $0.soft, hard: $0.hard) }

    var order = unsafe nova_spawn()
    unsafe order.stdio = stdio
    unsafe order.cgroup = group
    unsafe order.set_identity = uid != nil || gid != nil || !groups.isEmpty ? 1 : 0
    unsafe order.uid = uid ?? geteuid()
    unsafe order.gid = gid ?? getegid()
    unsafe order.group_count = UInt32(groups.count)
    unsafe order.umask = umask ?? 0o022
    unsafe order.has_nice = nice == nil ? 0 : 1
    unsafe order.nice = nice ?? 0
    unsafe order.oom_score_adjust = oomScoreAdjust
    unsafe order.no_new_privileges = noNewPrivileges ? 1 : 0
    unsafe order.has_capabilities = capabilities == nil ? 0 : 1
    unsafe order.capabilities = capabilities ?? 0
    unsafe order.no_network = network == .host ? 0 : 1
    unsafe order.listen_port = network == .gateway ? ShimProtocol.gatewayPort : 0
    unsafe order.limit_count = UInt32(limits.count)

    var pid: Int32 = 0
    var report: Int32 = -1
    var shared: Int32 = -1
    var stage: Int32 = 0
    // SAFETY: the child has its own copy of all this memory, and the parent's outlives the call.
    let result = unsafe groups.withUnsafeBufferPointer { groups in
      unsafe limits.withUnsafeBufferPointer { limits in
        unsafe order.candidates = candidates.constPointers
        unsafe order.argv = UnsafePointer(arguments.pointers)
        unsafe order.envp = UnsafePointer(environment.pointers)
        unsafe order.directory = directory.first
        unsafe order.groups = groups.baseAddress
        unsafe order.limits = limits.baseAddress
        return unsafe nova_spawn(&order, &pid, &report, &shared, &stage)
      }
    }
    guard result >= 0 else { throw SpawnFailure(SpawnStage.allCases[Int(stage)], -result) }
    return SpawnedChild(
      pid: pid, report: DescriptorBox(Descriptor(report)),
      shared: shared < 0 ? nil : DescriptorBox(Descriptor(shared)))
  }

  /// The program itself when it has a slash, else one path for each absolute directory of the worker's PATH.
  func candidates(for program: String) -> [String] {
    if program.utf8.contains(UInt8(ascii: "/")) { return [program] }
    let path = environment.first { $0.hasPrefix("PATH=") }?.dropFirst(5)
    return (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
      .filter { $0.hasPrefix("/") }.map { $0 + "/" + program }
  }
}

/// Strings as C wants them: a NULL-terminated array, freed with the object.
@safe final class CStrings {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) {
    count = strings.count
    // SAFETY: every slot is initialised, the last one with NULL, before anybody reads them.
    unsafe pointers = UnsafeMutablePointer.allocate(capacity: count + 1)
    for (index, string) in strings.enumerated() {
      unsafe (pointers + index).initialize(to: strdup(string))
    }
    unsafe (pointers + count).initialize(to: nil)
  }

  /// The same array for a parameter that promises not to write.
  var constPointers: UnsafePointer<UnsafePointer<CChar>?> {
    unsafe UnsafeRawPointer(pointers).assumingMemoryBound(to: UnsafePointer<CChar>?.self)
  }

  var first: UnsafePointer<CChar>? { unsafe pointers[0].map { unsafe UnsafePointer($0) } }

  deinit {
    for index in 0..<count { unsafe free(pointers[index]) }
    unsafe pointers.deallocate()
  }
}
