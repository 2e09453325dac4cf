// The table as bytes, for the program that executes in our place: the frames of the protocol plus types 201...
// Unknown types are skipped, so an older build can follow a newer one. Must never hold a descriptor without having
// cleared its close-on-exec flag, or leave the flag cleared afterwards.

internal import CNovaSys
internal import Glibc

/// All that one program hands to the next.
struct ShimState {
  var table = ShimTable()
  var cgroup = CgroupRoot()
  var listener: CInt = -1
  var lock: CInt = -1
  var files = ResourceLimit(resource: ResourceLimit.files, soft: 1024, hard: 4096)

  /// The descriptors that must live through exec.
  var descriptors: [CInt] {
    [listener, lock] + table.notify.values.map { $0.box.raw() }
      + table.children.values.flatMap { [$0.pending, $0.listener].compactMap { $0?.raw() } }
  }

  var bytes: [UInt8] {
    var frames: [Frame] = []
    frames.append(
      Frame(201) {
        $0.put(1, listener)
        $0.put(2, lock)
        if let path = cgroup.path { $0.put(3, path) }
        $0.put(4, cgroup.controllers)
        $0.put(5, UInt8(cgroup.made ? 1 : 0))
        $0.put(6, files.soft)
        $0.put(7, files.hard)
      })
    for child in table.children.values {
      frames.append(
        Frame(202) {
          $0.put(1, child.key.slot)
          $0.put(2, child.key.incarnation)
          $0.put(3, child.pid)
          $0.put(4, child.started)
          $0.put(5, UInt8(child.grouped ? 1 : 0))
          if let pending = child.pending { $0.put(6, pending.raw()) }
          if let listener = child.listener { $0.put(7, listener.raw()) }
        })
    }
    for (worker, entry) in table.notify {
      frames.append(
        Frame(203) {
          $0.put(1, worker)
          $0.put(2, entry.path)
          $0.put(3, entry.box.raw())
        })
    }
    frames += table.exits.values.map { ShimReport.exited($0).frame }
    frames += table.failures.map(\.frame)
    return frames.flatMap { $0.bytes(descriptors: 0) }
  }

  /// Nil when the bytes are not frames or the first facts are missing.
  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let length = littleEndian(UInt32.self, rest.prefix(4)),
        let type = littleEndian(UInt16.self, rest.dropFirst(4).prefix(2)),
        rest.count - 8 >= Int(length), let fields = Fields(rest.dropFirst(8).prefix(Int(length)))
      else { return nil }
      let payload = rest.dropFirst(8).prefix(Int(length))
      rest = rest.dropFirst(8 + Int(length))
      take(type, fields, Message(type: type, payload: payload, descriptors: []))
    }
    guard listener > 2, lock > 2 else { return nil }
  }

  init() {}

  private mutating func take(_ type: UInt16, _ fields: Fields, _ message: Message) {
    switch type {
    case 201:
      listener = fields.number(1) ?? -1
      lock = fields.number(2) ?? -1
      cgroup = CgroupRoot(
        path: fields.text(3), controllers: fields.texts(4) ?? [],
        made: fields.number(5, as: UInt8.self) == 1)
      if let soft: UInt64 = fields.number(6), let hard: UInt64 = fields.number(7) {
        files = ResourceLimit(resource: ResourceLimit.files, soft: soft, hard: hard)
      }
    case 202:
      guard let slot = fields.text(1), let incarnation: UInt64 = fields.number(2),
        let pid: Int32 = fields.number(3), let started: UInt64 = fields.number(4)
      else { return }
      let pending = fields.number(6, as: CInt.self).map { DescriptorBox(Descriptor($0)) }
      let listener = fields.number(7, as: CInt.self).map { DescriptorBox(Descriptor($0)) }
      table.add(
        Child(
          key: ChildKey(slot: slot, incarnation: incarnation), pid: pid, started: started,
          grouped: fields.number(5, as: UInt8.self) == 1, pending: pending, listener: listener))
    case 203:
      guard let worker = fields.text(1), let path = fields.text(2),
        let number: CInt = fields.number(3)
      else { return }
      table.notify[worker] = NotifyEntry(path: path, box: DescriptorBox(Descriptor(number)))
    default:
      guard case .value(let report) = ShimReport.decode(message) else { return }
      if case .exited(let exit) = report { table.keep(exit) }
      if case .failed = report { table.keep(failure: report) }
    }
  }

  /// Writes the bytes into a memfd that survives exec. Calls `memfd_create(2)`.
  func store() throws(SystemError) -> Descriptor {
    let number = unsafe nova_memfd("nova-shim")
    guard number >= 0 else { throw SystemError(call: "memfd_create", number: -number, subject: "") }
    let file = Descriptor(number)
    let bytes = bytes
    var written = 0
    while written < bytes.count {
      // SAFETY: the slice lives for the length of the call.
      let count = unsafe bytes[written...].withUnsafeBytes { part in
        unsafe write(file.raw(), part.baseAddress, part.count)
      }
      guard count > 0 else { throw .last("write", "the state for reexec") }
      written += count
    }
    return file
  }

  /// Reads what `store` of the program before us wrote; the descriptor is closed.
  static func load(_ number: CInt) -> ShimState? {
    let file = Descriptor(number)
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe pread(file.raw(), &part, part.count, off_t(bytes.count))
      guard count > 0 else { break }
      bytes += part.prefix(count)
    }
    guard let state = ShimState(bytes) else { return nil }
    for number in state.descriptors { setCloseOnExec(number, true) }
    return state
  }

  static func setCloseOnExec(_ number: CInt, _ on: Bool) {
    _ = fcntl(number, F_SETFD, on ? FD_CLOEXEC : 0)
  }
}
