// The loop against the real kernel: pipes, times and signals. No sleeps: each turn has a deadline of its own.
// Must never share a loop between threads.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("the event loop")
struct EventLoopTests {
  /// A count that closures may raise.
  private final class Tally {
    var value = 0
    var seen: [Interest] = []
    var source: Source?
  }

  private func put(_ box: DescriptorBox) {
    _ = unsafe write(box.raw(), "x", 1)
  }

  @Test("calls the body when bytes wait, and says hang-up when the writer is gone")
  func reads() throws {
    let loop = try EventLoop()
    let tally = Tally()
    var ends: (read: DescriptorBox, write: DescriptorBox)? = try makePipe()
    let read = try #require(ends?.read)
    let source = try loop.watch(read.raw(), .readable) { tally.seen.append($0) }
    #expect(try loop.turn(limit: 8, timeout: .zero) == 0)
    if let write = ends?.write { put(write) }
    #expect(try loop.turn(limit: 1, timeout: .seconds(20)) == 1)
    #expect(tally.seen == [.readable])
    ends = nil
    _ = try loop.turn(limit: 1, timeout: .seconds(20))
    #expect(tally.seen.last?.contains(.hangup) == true)
    source.cancel()
    let before = tally.seen.count
    #expect(try loop.turn(limit: 8, timeout: .zero) == 0)
    #expect(tally.seen.count == before)
  }

  @Test("runs no more bodies in a turn than it was told, and the rest in the next")
  func bounded() throws {
    let loop = try EventLoop()
    let tally = Tally()
    var kept: [(DescriptorBox, DescriptorBox, Source)] = []
    for _ in 0..<10 {
      let ends = try makePipe()
      let reader = ends.read
      let source = try loop.watch(reader.raw(), .readable) { _ in
        var byte: UInt8 = 0
        _ = unsafe Glibc.read(reader.raw(), &byte, 1)
        tally.value += 1
      }
      kept.append((ends.read, ends.write, source))
      put(ends.write)
    }
    #expect(try loop.turn(limit: 4, timeout: .seconds(20)) == 4)
    #expect(tally.value == 4)
    #expect(try loop.turn(limit: 100, timeout: .seconds(20)) == 6)
    #expect(tally.value == 10)
    #expect(try loop.turn(limit: 100, timeout: .zero) == 0)
    withExtendedLifetime(kept) {}
  }

  @Test("ends a turn that took long enough: a timer set anew by its own body does not fill it")
  func longest() throws {
    let loop = try EventLoop()
    let tally = Tally()
    var timer: NovaLinux.Timer?
    timer = try loop.timer {
      tally.value += 1
      timer?.arm(at: Clock.now().instant)
    }
    timer?.arm(at: Clock.now().instant)
    // No time at all is over after the first body; with an hour only the limit ends it.
    #expect(try loop.turn(limit: 64, timeout: .seconds(20), longest: .zero) == 1)
    #expect(tally.value == 1)
    #expect(try loop.turn(limit: 64, timeout: .seconds(20)) == 64)
    #expect(tally.value == 65)
  }

  @Test(
    "a time that is put off lazily fires once, when it is due and not when it was first asked for")
  func lazily() throws {
    let loop = try EventLoop()
    let tally = Tally()
    let timer = try loop.timer { tally.value += 1 }
    let start = Clock.now().instant
    timer.arm(at: start + .milliseconds(5), lazily: true)
    timer.arm(at: start + .milliseconds(60), lazily: true)
    while tally.value == 0, Clock.now().instant < start + .seconds(20) {
      _ = try loop.turn(limit: 8, timeout: .seconds(1))
    }
    #expect(Clock.now().instant >= start + .milliseconds(60))
    #expect(try loop.turn(limit: 8, timeout: .zero) == 0)
    // An earlier time is told to the kernel, and a time that has come needs no telling; forgotten, neither fires.
    timer.arm(at: Clock.now().instant + .seconds(3600), lazily: true)
    timer.arm(at: Clock.now().instant + .milliseconds(1), lazily: true)
    #expect(try loop.turn(limit: 8, timeout: .seconds(20)) == 1)
    timer.arm(at: start)
    timer.arm(at: Clock.now().instant + .seconds(3600))
    _ = try loop.turn(limit: 8, timeout: .zero)
    timer.arm(at: start)
    timer.disarm()
    #expect(try loop.turn(limit: 8, timeout: .zero) == 0)
    #expect(tally.value == 2)
  }

  @Test("descriptors of a set are served together, and one that is taken out by another is not")
  func together() throws {
    let loop = try EventLoop()
    var pipes: [(read: DescriptorBox, write: DescriptorBox)] = []
    for _ in 0..<5 { pipes.append(try makePipe()) }
    var served: [CInt: Interest] = [:]
    var set: DescriptorSet?
    set = try DescriptorSet(loop) { descriptor, ready in
      served[descriptor] = ready
      for pipe in pipes where pipe.read.raw() != descriptor { set?.forget(pipe.read.raw()) }
    }
    for pipe in pipes {
      set?.watch(pipe.read.raw(), .readable)
      put(pipe.write)
    }
    #expect(try loop.turn(limit: 1, timeout: .seconds(20)) == 1)
    #expect(served.count == 1)
    // What is left is served in one go, and not after it was forgotten.
    for pipe in pipes { set?.watch(pipe.read.raw(), .readable) }
    set?.watch(pipes[0].read.raw(), [])
    served = [:]
    set = try DescriptorSet(loop) { descriptor, ready in served[descriptor] = ready }
    for pipe in pipes { set?.watch(pipe.read.raw(), .readable) }
    set?.forget(pipes[4].read.raw())
    set?.watch(pipes[3].read.raw(), .writable)
    #expect(try loop.turn(limit: 1, timeout: .seconds(20)) == 1)
    #expect(Set(served.keys) == Set(pipes.prefix(3).map { $0.read.raw() }))
    #expect(served.values.allSatisfy { $0.contains(.readable) })
    set?.cancel()
    #expect(try loop.turn(limit: 8, timeout: .zero) == 0)
  }

  @Test("lets a body cancel and drop its own source")
  func ownCancel() throws {
    let loop = try EventLoop()
    let tally = Tally()
    let ends = try makePipe()
    tally.source = try loop.watch(ends.read.raw(), .readable) { _ in
      tally.value += 1
      tally.source?.cancel()
      tally.source = nil
    }
    put(ends.write)
    #expect(try loop.turn(limit: 8, timeout: .seconds(20)) == 1)
    #expect(try loop.turn(limit: 8, timeout: .zero) == 0)
    #expect(tally.value == 1)
  }

  @Test("stops calling a body whose source was dropped")
  func dropped() throws {
    let loop = try EventLoop()
    let tally = Tally()
    let ends = try makePipe()
    tally.source = try loop.watch(ends.read.raw(), .readable) { _ in tally.value += 1 }
    put(ends.write)
    tally.source = nil
    #expect(try loop.turn(limit: 8, timeout: .zero) == 0)
    #expect(tally.value == 0)
  }

  @Test("those of one priority take turns, and a turn says whether somebody still waits")
  func turns() throws {
    let loop = try EventLoop()
    let pipes = try (0..<3).map { _ in try makePipe() }
    var calls: [Int] = []
    // Nobody reads, so all three are ready all the time.
    let sources = try pipes.enumerated().map { index, pipe in
      unsafe write(pipe.write.raw(), "x", 1)
      return try loop.watch(pipe.read.raw(), .readable) { _ in calls.append(index) }
    }
    #expect(try loop.turn(limit: 6, timeout: .seconds(5)) == 6)
    #expect(calls.sorted() == [0, 0, 1, 1, 2, 2])
    #expect(Set(calls.prefix(3)).count == 3)
    #expect(loop.isBehind)
    sources[0].set(priority: 10)
    calls = []
    _ = try loop.turn(limit: 6, timeout: .zero)
    #expect(!calls.contains(0))
    for source in sources { source.setInterest([]) }
    #expect(try loop.turn(limit: 6, timeout: .zero) == 0)
    #expect(!loop.isBehind)
  }

  @Test("serves the lower priority number first")
  func priorities() throws {
    let loop = try EventLoop()
    var order: [Int64] = []
    var kept: [(DescriptorBox, DescriptorBox, Source)] = []
    for priority: Int64 in [5, -5, 0] {
      let ends = try makePipe()
      let source = try loop.watch(ends.read.raw(), .readable, priority: priority) { _ in
        order.append(priority)
      }
      put(ends.write)
      kept.append((ends.read, ends.write, source))
    }
    _ = try loop.turn(limit: 1, timeout: .seconds(20))
    #expect(order == [-5])
    withExtendedLifetime(kept) {}
  }

  @Test("reports writable only while asked for")
  func interest() throws {
    let loop = try EventLoop()
    let tally = Tally()
    let ends = try makePipe()
    let source = try loop.watch(ends.write.raw(), []) { tally.seen.append($0) }
    #expect(try loop.turn(limit: 8, timeout: .zero) == 0)
    source.setInterest(.writable)
    #expect(try loop.turn(limit: 1, timeout: .seconds(20)) == 1)
    #expect(tally.seen == [.writable])
    source.setInterest([])
    #expect(try loop.turn(limit: 8, timeout: .zero) == 0)
  }

  @Test("fires a timer once, never before its time, and not when disarmed")
  func timer() throws {
    let loop = try EventLoop()
    var fired: [Instant] = []
    let timer = try loop.timer { fired.append(Clock.now().instant) }
    let at = Clock.now().instant + .milliseconds(20)
    timer.arm(at: at)
    #expect(try loop.turn(limit: 8, timeout: .seconds(20)) == 1)
    let first = try #require(fired.first)
    #expect(first >= at)
    #expect(try loop.turn(limit: 8, timeout: .milliseconds(1)) == 0)
    timer.arm(at: Instant(nanoseconds: 1))
    timer.disarm()
    #expect(try loop.turn(limit: 8, timeout: .zero) == 0)
    timer.arm(at: Instant(nanoseconds: .max))
    #expect(try loop.turn(limit: 8, timeout: .zero) == 0)
    timer.arm(at: Instant(nanoseconds: 1))
    #expect(try loop.turn(limit: 8, timeout: .seconds(20)) == 1)
    #expect(fired.count == 2)
  }

  @Test("waits as long as told, and no longer")
  func timeout() throws {
    let loop = try EventLoop()
    let before = Clock.now().instant
    #expect(try loop.turn(limit: 8, timeout: .milliseconds(15)) == 0)
    let waited = Clock.now().instant - before
    #expect(waited >= .milliseconds(15) && waited < .seconds(10))
  }

  @Test("takes a signal as an event")
  func signal() throws {
    let loop = try EventLoop()
    let tally = Tally()
    let source = try loop.signal(SIGUSR2) { tally.value += 1 }
    raise(SIGUSR2)
    #expect(try loop.turn(limit: 8, timeout: .seconds(20)) == 1)
    #expect(tally.value == 1)
    source.cancel()
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGUSR2)
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  @Test("refuses what cannot be watched", arguments: ["/etc/passwd", "/tmp"])
  func refused(path: String) throws {
    let loop = try EventLoop()
    let file = DescriptorBox(Descriptor(unsafe open(path, O_RDONLY | O_CLOEXEC)))
    let error = #expect(throws: SystemError.self) {
      _ = try loop.watch(file.raw(), .readable) { _ in }
    }
    #expect(error?.number == EPERM)
  }
}
