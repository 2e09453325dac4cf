// Processes and sessions against real children. Must never leave one behind.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("Processes") struct ProcessStatTests {
  private static let tail =
    "S 1 7 7 0 -1 4194304 1 2 3 4 50 60 70 80 20 0 3 0 9999 1000000 250 18446744073709551615\n"

  @Test("a line of stat is counted from its last bracket, whatever the name holds")
  func hostileNames() throws {
    for name in ["sh", "a b", "a) S 1", "((", ") (", "a\nb"] {
      let parsed = ProcessStat(Array("7 (\(name)) \(Self.tail)".utf8).span)
      let stat = try #require(parsed)
      #expect(stat.pid == 7)
      #expect(stat.command == name)
      #expect(stat.parent == 1)
      #expect(stat.session == 7)
      #expect(stat.ownTicks == 110)
      #expect(stat.childTicks == 150)
      #expect(stat.threads == 3)
      #expect(stat.startTicks == 9999)
      #expect(stat.residentPages == 250)
    }
  }

  @Test(
    "what is no such line is nil",
    arguments: ["", "7", "7 (sh", "7 (sh)", "7 (sh) ", "x (sh) S 1 7 7", "7 (sh) S 1 7 7 0 -1"])
  func malformed(text: String) {
    let parsed = ProcessStat(Array(text.utf8).span)
    #expect(parsed == nil)
  }

  @Test("this process is found, with its parent and its memory")
  func own() throws {
    let own = try #require(ProcessStat.of(getpid()))
    #expect(own.parent == getppid())
    #expect(own.residentPages > 0)
    #expect(!own.isZombie)
    #expect(ProcessStat.all().contains { $0.pid == own.pid })
    #expect(ProcessStat.of(Int32.max) == nil)
  }

  @Test("a session is killed whole, and its CPU time never goes back when members die")
  func session() throws {
    let leader = try RealProcess(
      "trap '' TERM; (i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done) & sleep 600 & wait; sleep 600",
      session: true)
    #expect(eventually { SessionGroup(leader: leader.pid) != nil })
    let group = try #require(SessionGroup(leader: leader.pid))
    #expect(eventually { group.processes().count >= 3 })
    var reader = SessionReader(group)
    var last: UInt64 = 0
    let ran = eventually {
      let reading = reader.read(at: Clock.now().instant, from: ProcessStat.all())
      #expect(reading.memoryEstimated)
      let cpu = reading.counters.cpuUsec ?? 0
      #expect(cpu >= last)
      last = cpu
      return cpu >= 50_000
    }
    #expect(ran)
    #expect(group.populated())
    group.kill()
    leader.wait()
    #expect(eventually { !group.populated() })
    let final = reader.finalTotals(at: Clock.now().instant)
    #expect((final.counters.cpuUsec ?? 0) >= last)
    #expect(final.memoryPeakBytes ?? 0 > 0)
    #expect(throws: SystemError.self) { try ProcessGroup.session(group).freeze() }
  }

  @Test("a process that leads no session is none")
  func noLeader() throws {
    let child = try RealProcess("exec sleep 600")
    #expect(SessionGroup(leader: child.pid) == nil)
  }

  @Test("the tree lists children below their parents and no command line unasked")
  func tree() throws {
    let parent = try RealProcess("sleep 600 & wait", session: true)
    let group = try #require(SessionGroup(leader: parent.pid))
    #expect(eventually { ProcessTree.of(group.processes()).contains { $0.command == "sleep" } })
    let listed = ProcessTree.of(group.processes())
    #expect(listed.map(\.depth) == [0, 1])
    #expect(listed.first?.pid == parent.pid)
    #expect(listed.allSatisfy { $0.commandLine == nil })
    let detailed = ProcessTree.of(group.processes(), commandLines: true)
    #expect(detailed.last?.commandLine == "sleep 600")
    group.kill()
  }
}
