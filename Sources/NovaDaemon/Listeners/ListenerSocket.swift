// gateway.sock: tells whoever may know which instances listen in networks of their own, and hands over the listeners. Each
// reader hears first of all that live, then `listed`, then what changes. Must never wait for a reader, nor hand anything to
// a worker: who holds a listener can answer that worker in the gateway's place.

import NovaLinux
import NovaModel
import NovaWire

/// The socket and its readers. Belongs to the loop's thread.
final class ListenerSocket {
  private let loop: EventLoop
  private let path: String
  private let admits: (PeerIdentity) -> Bool
  private let everybody: () -> [(life: ListeningLife, listener: DescriptorBox)]
  private let socket: Descriptor
  private var source: Source?
  private var readers: [Reader] = []
  private var isOpen = false

  /// An edge that was restarted while its last connection is not seen to be gone, and a person who looks.
  private static let mostReaders = 4

  private final class Reader {
    let socket: Descriptor
    var source: Source?
    var queue = ListenerQueue()
    var isGone = false
    init(_ socket: consuming Descriptor) { self.socket = socket }
  }

  /// Listens at `path`, mode 0660 of our user and the group `gid`. `admits` judges who connects.
  init(
    loop: EventLoop, path: String, gid: UInt32, admits: @escaping (PeerIdentity) -> Bool,
    everybody: @escaping () -> [(life: ListeningLife, listener: DescriptorBox)]
  ) throws(SystemError) {
    self.loop = loop
    self.path = path
    self.admits = admits
    self.everybody = everybody
    socket = try PacketSocket.listen(at: path)
    try Directory.hand(path, mode: 0o660, owner: (uid: OwnProcess.uid, gid: gid))
    source = try loop.watch(socket.raw(), .readable, priority: 10) { [weak self] _ in
      self?.accept()
    }
  }

  /// Who lives is known from now on: readers that came early are told.
  func open() {
    guard !isOpen else { return }
    isOpen = true
    for reader in readers { list(reader) }
    forgetGone()
  }

  /// Tells all readers.
  func tell(_ news: ListenerNews, _ listener: DescriptorBox? = nil) {
    guard isOpen else { return }
    let now = Clock.now().instant
    for reader in readers {
      if reader.queue.isStuck(at: now) { reader.isGone = true }
      reader.queue.add(news, listener, at: now)
      write(reader)
    }
    forgetGone()
  }

  /// Ends it and removes its file.
  func close() {
    source?.cancel()
    for reader in readers { reader.source?.cancel() }
    readers = []
    try? FileBytes.remove(path)
  }

  private func accept() {
    for _ in 0..<16 {
      guard let accepted = try? UnixSocket.accept(socket.raw()) else { return }
      guard let peer = try? PeerIdentity.of(socket: accepted.raw()), admits(peer) else { continue }
      let reader = Reader(accepted)
      let watch = try? loop.watch(reader.socket.raw(), .readable, priority: 10) {
        [weak self, weak reader] ready in
        guard let self, let reader else { return }
        if ready.contains(.readable) { reader.isGone = true }
        write(reader)
        forgetGone()
      }
      guard let watch else { continue }
      reader.source = watch
      readers.append(reader)
      if readers.count > Self.mostReaders { readers[0].isGone = true }
      if isOpen { list(reader) }
      forgetGone()
    }
  }

  private func list(_ reader: Reader) {
    let now = Clock.now().instant
    for (life, listener) in everybody() { reader.queue.add(.listens(life), listener, at: now) }
    reader.queue.add(.listed, nil, at: now)
    write(reader)
  }

  /// Sends what the socket takes. A reader has nothing to say: what comes from it is its end.
  private func write(_ reader: Reader) {
    while !reader.isGone, let item = reader.queue.first {
      switch PacketSocket.send(item.news.line, with: item.listener, to: reader.socket.raw()) {
      case .sent: reader.queue.removeFirst(at: Clock.now().instant)
      case .full:
        reader.source?.setInterest([.readable, .writable])
        return
      case .broken: reader.isGone = true
      }
    }
    reader.source?.setInterest(.readable)
  }

  private func forgetGone() {
    for reader in readers where reader.isGone { reader.source?.cancel() }
    readers.removeAll(where: \.isGone)
  }
}
