// What the edge makes of gateway.sock: each life told once, whatever becomes of the connection. The test plays the
// supervisor on a real socket. Must never use a double for descriptors: what arrives is compared with what was sent.

import Glibc
import NovaLinux
import NovaModel
import NovaWire
import Testing

@testable import NovaEdge

/// A supervisor's end of gateway.sock, and what the edge was told.
private final class Stage {
  let directory: String
  let path: String
  let loop: EventLoop
  let listeners: WorkerListeners
  private var server: DescriptorBox?
  private var connection: DescriptorBox?
  private(set) var told: [String] = []
  private(set) var trouble: [String] = []
  private(set) var held: [String: DescriptorBox] = [:]

  init() throws {
    var template = Array("/tmp/nova-edge-XXXXXX".utf8CString)
    unsafe mkdtemp(&template)
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    path = WorkerListeners.path(besides: directory + "/supervisor.sock")
    loop = try EventLoop()
    listeners = try WorkerListeners(loop: loop, path: path)
    listeners.onListener = { [unowned self] worker, instance, incarnation, listener in
      let box = DescriptorBox(listener)
      told.append("+\(worker)@\(instance) \(incarnation)")
      held["\(worker)@\(instance)"] = box
    }
    listeners.onGone = { [unowned self] worker, instance, incarnation in
      told.append("-\(worker)@\(instance) \(incarnation)")
      held["\(worker)@\(instance)"] = nil
    }
    listeners.onTrouble = { [unowned self] in trouble.append($0) }
  }

  deinit {
    listeners.close()
    unsafe unlink(path)
    unsafe rmdir(directory)
  }

  /// Turns the loop until something is true, or ten seconds are over.
  func turn(_ fact: () -> Bool) throws -> Bool {
    let deadline = Clock.now().instant + .seconds(10)
    while !fact() {
      if Clock.now().instant >= deadline { return false }
      _ = try loop.turn(limit: 16, timeout: .milliseconds(5))
    }
    return true
  }

  func open() throws { server = DescriptorBox(try PacketSocket.listen(at: path)) }

  /// Takes the edge's next connection.
  func accept() throws {
    connection = nil
    #expect(
      try turn {
        if let server, let accepted = try? UnixSocket.accept(server.raw()) {
          connection = DescriptorBox(accepted)
        }
        return connection != nil
      })
  }

  func hangUp() { connection = nil }

  func say(_ news: ListenerNews, _ listener: DescriptorBox? = nil) throws {
    try say(news.line, listener)
  }

  func say(_ line: [UInt8], _ listener: DescriptorBox? = nil) throws {
    let connection = try #require(connection)
    #expect(PacketSocket.send(line, with: listener, to: connection.raw()) == .sent)
  }

  /// Whether the edge has ended the connection.
  func isEnded() throws -> Bool {
    let connection = try #require(connection)
    return try turn {
      if case .ended = PacketSocket.receive(from: connection.raw()) { true } else { false }
    }
  }
}

@Suite("the listeners that the supervisor hands over")
struct WorkerListenersTests {
  private func life(_ text: String, _ serial: Int64) throws -> ListeningLife {
    ListeningLife(try #require(InstanceID(text)), incarnation: serial)
  }

  private func inode(_ box: DescriptorBox?) -> UInt64 {
    var status = stat()
    guard let box, unsafe fstat(box.raw(), &status) == 0 else { return 0 }
    return UInt64(status.st_ino)
  }

  private func makeListener() -> DescriptorBox {
    DescriptorBox(Descriptor(socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)))
  }

  @Test(
    "are beside the API's socket",
    arguments: [
      ("/run/nova/supervisor.sock", "/run/nova/gateway.sock"), ("x.sock", "gateway.sock"),
      ("/x.sock", "/gateway.sock"),
    ])
  func place(socket: String, expected: String) {
    #expect(WorkerListeners.path(besides: socket) == expected)
  }

  @Test("each is told once, with its own descriptor, and its end")
  func told() throws {
    let stage = try Stage()
    try stage.open()
    stage.listeners.start()
    try stage.accept()
    let (a, b) = (makeListener(), makeListener())
    try stage.say(.listens(life("a@1", 7)), a)
    try stage.say(.listens(life("b@2", 8)), b)
    try stage.say(.listed)
    #expect(try stage.turn { stage.told == ["+a@1 7", "+b@2 8"] })
    #expect(inode(stage.held["a@1"]) == inode(a) && inode(a) != 0)
    #expect(inode(stage.held["b@2"]) == inode(b) && inode(a) != inode(b))
    try stage.say(.gone(life("b@2", 8)))
    // Of a life that it was not told of, and of an earlier one: nothing to say.
    try stage.say(.gone(life("b@2", 8)))
    try stage.say(.gone(life("a@1", 6)))
    try stage.say(.listens(life("a@1", 9)), b)
    #expect(try stage.turn { stage.told.count == 5 })
    #expect(stage.told[2...] == ["-b@2 8", "-a@1 7", "+a@1 9"])
    #expect(stage.trouble.isEmpty)
  }

  @Test("after a connection that broke only what changed is told, and what was kept was kept")
  func again() throws {
    let stage = try Stage()
    try stage.open()
    stage.listeners.start()
    try stage.accept()
    let listener = makeListener()
    for (name, serial): (String, Int64) in [("a@1", 1), ("b@1", 2), ("c@1", 3)] {
      try stage.say(.listens(life(name, serial)), listener)
    }
    try stage.say(.listed)
    #expect(try stage.turn { stage.told.count == 3 })
    stage.hangUp()
    #expect(try stage.turn { !stage.trouble.isEmpty })
    #expect(stage.held.count == 3, "they go on being served")
    try stage.accept()
    // a lives still, b has ended, c lives again.
    try stage.say(.listens(life("a@1", 1)), listener)
    try stage.say(.listens(life("c@1", 4)), listener)
    #expect(try stage.turn { stage.told.count == 5 })
    #expect(stage.told[3...] == ["-c@1 3", "+c@1 4"])
    try stage.say(.listed)
    #expect(try stage.turn { stage.told.count == 6 })
    #expect(stage.told[5] == "-b@1 2")
    #expect(stage.held.keys.sorted() == ["a@1", "c@1"])
    #expect(try stage.turn { stage.trouble.count == 2 })
    #expect(stage.trouble[0].contains("ended") && stage.trouble[1].contains("answers again"))
  }

  @Test("a connection that breaks before its list is complete ends nobody")
  func incomplete() throws {
    let stage = try Stage()
    try stage.open()
    stage.listeners.start()
    try stage.accept()
    try stage.say(.listens(life("a@1", 1)), makeListener())
    try stage.say(.listed)
    #expect(try stage.turn { stage.told.count == 1 })
    stage.hangUp()
    try stage.accept()
    stage.hangUp()
    try stage.accept()
    try stage.say(.listens(life("a@1", 1)), makeListener())
    try stage.say(.listed)
    #expect(try stage.turn { stage.trouble.count == 2 })
    #expect(stage.told == ["+a@1 1"])
  }

  @Test("comes as soon as somebody listens there, and says once that nobody does")
  func late() throws {
    let stage = try Stage()
    stage.listeners.start()
    #expect(stage.trouble.count == 1 && stage.trouble[0].contains("No such file or directory"))
    let start = Clock.now().instant
    #expect(try stage.turn { Clock.now().instant - start > .milliseconds(700) })
    #expect(stage.trouble.count == 1)
    try stage.open()
    try stage.accept()
    try stage.say(.listens(life("a@1", 1)), makeListener())
    #expect(try stage.turn { stage.told == ["+a@1 1"] })
  }

  @Test(
    "what cannot be read ends the connection, tells nothing and is tried again",
    arguments: ["", "{}", "{\"worker\":\"a\",\"instance\":1,\"incarnation\":1}", "\u{0}"])
  func malformed(text: String) throws {
    let stage = try Stage()
    try stage.open()
    stage.listeners.start()
    try stage.accept()
    // The third one is well formed and comes without its listener.
    try stage.say(Array((text + "\n").utf8))
    #expect(try stage.isEnded())
    #expect(stage.trouble.count == 1)
    try stage.accept()
    try stage.say(.listens(life("a@1", 1)), makeListener())
    #expect(try stage.turn { stage.told == ["+a@1 1"] })
  }

  @Test("a thousand lives, told again and again, leave no descriptor but those that live")
  func noGrowth() throws {
    let stage = try Stage()
    try stage.open()
    stage.listeners.start()
    try stage.accept()
    let listener = makeListener()
    var numbers: Set<CInt> = []
    for serial: Int64 in 1...1000 {
      try stage.say(.listens(life("a@1", serial)), listener)
      try stage.say(.listens(life("a@1", serial)), listener)
      #expect(try stage.turn { stage.told.last == "+a@1 \(serial)" })
      if let box = stage.held["a@1"] { numbers.insert(box.raw()) }
    }
    #expect(stage.told.count == 1999)
    // One is held at a time, so few numbers are used over and over.
    #expect(numbers.count < 100)
  }
}
