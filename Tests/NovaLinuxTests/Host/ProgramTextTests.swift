// Which mappings may be given back, and that giving them back changes nothing.

import Testing

@testable import NovaLinux

@Suite struct ProgramTextTests {
  private func mapping(_ head: String, anonymous: Int = 0, name: String = "/usr/bin/x") -> String {
    """
    \(head) 00001000 fe:00 1234                       \(name)
    Size:                  4 kB
    Private_Dirty:         4 kB
    Anonymous:             \(anonymous) kB
    VmFlags: rd ex mr mw me

    """
  }

  @Test("only files, only what cannot be written, only what was never changed")
  func unchanged() {
    let text =
      mapping("1000-2000 r-xp") + mapping("2000-3000 r--p") + mapping("3000-4000 rw-p")
      + mapping("4000-5000 r--p", anonymous: 4) + mapping("6000-7000 r-xs")
      + mapping("7000-8000 r-xp", name: "[vdso]")
      + "9000-a000 r--p 00000000 00:00 0 \nAnonymous:             0 kB\n"
    #expect(ProgramText.unchanged(in: text) == [0x1000..<0x2000, 0x2000..<0x3000])
    #expect(ProgramText.unchanged(in: "nonsense\nAnonymous: 0 kB\n").isEmpty)
  }

  @Test("a program goes on after its pages were given back")
  func release() {
    let words = ["one", "two", "three"].sorted()
    #expect(ProgramText.release() > 1 << 20)
    #expect(words == ["three", "one", "two"].sorted())
  }
}
