// When memory is given back: after a rest, and not again and again.

import NovaModel
import Testing

@testable import NovaLinux

@Suite struct MemoryRestTests {
  private func at(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: 1_000_000_000_000) + .milliseconds(milliseconds)
  }

  @Test("a second after an answer, and not again within ten")
  func answers() {
    var memory = MemoryRest()
    #expect(memory.grew(at: at(0)) == at(1000))
    #expect(memory.grew(at: at(300)) == nil, "somebody looks already")
    #expect(memory.look(at: at(1000)) == nil)
    #expect(!memory.isDue)
    #expect(memory.grew(at: at(2000)) == at(11_000))
    #expect(memory.look(at: at(11_000)) == nil)
    #expect(memory.grew(at: at(60_000)) == at(61_000))
  }

  @Test("not while workers are being started")
  func starts() {
    var memory = MemoryRest()
    #expect(memory.started(at: at(0)) == at(1000))
    #expect(memory.started(at: at(900)) == nil)
    #expect(memory.look(at: at(1000)) == at(2000))
    #expect(memory.started(at: at(1500)) == nil)
    #expect(memory.look(at: at(2000)) == at(3000))
    #expect(memory.look(at: at(3000)) == nil)
  }

  @Test("a fleet that never stops starting rests after ten seconds all the same")
  func storm() {
    var memory = MemoryRest()
    var look = memory.started(at: at(0))
    for second in Int64(1)...9 {
      _ = memory.started(at: at(second * 1000 - 1))
      #expect(look == at(second * 1000))
      look = memory.look(at: at(second * 1000))
    }
    _ = memory.started(at: at(9999))
    #expect(look == at(10_000))
    #expect(memory.look(at: at(10_000)) == nil)
    #expect(memory.started(at: at(10_001)) == at(20_000))
  }
}
