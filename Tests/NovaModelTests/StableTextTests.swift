// What is stored or shown must read the same for ever: hashes and the spelling of instances.

import NovaModel
import Testing

struct StableTextTests {
  @Test(
    "FNV-1a gives the published values",
    arguments: [
      ("", 0x811C_9DC5, 0xCBF2_9CE4_8422_2325), ("a", 0xE40C_292C, 0xAF63_DC4C_8601_EC8C),
      ("foobar", 0xBF9C_F968, 0x8594_4171_F739_67E8),
    ] as [(String, UInt32, UInt64)])
  func hashes(text: String, small: UInt32, large: UInt64) {
    #expect(FNV1a<UInt32>(text).value == small)
    #expect(FNV1a<UInt64>(text).value == large)
    var parts = FNV1a<UInt64>("")
    for byte in text.utf8 { parts.add(byte) }
    #expect(parts.value == large)
  }

  @Test("and is written with all its digits")
  func digits() {
    #expect(FNV1a<UInt128>("").hexadecimal == "6c62272e07bb014262b821756295c58d")
    #expect(FNV1a<UInt32>("a").hexadecimal == "e40c292c")
    for number in 0..<2000 {
      #expect(FNV1a<UInt32>("\(number)").hexadecimal.utf8.count == 8)
      #expect(FNV1a<UInt64>("\(number)").hexadecimal.utf8.count == 16)
    }
  }

  @Test(
    "an instance has one spelling",
    arguments: [
      ("mail@1", true), ("mail@99999", true), ("a-b_c@12", true), ("mail@0", false),
      ("mail@100000", false), ("mail@+1", false), ("mail@01", false), ("mail@-1", false),
      ("mail@", false), ("@1", false), ("mail", false), ("Mail@1", false), ("mail@1 ", false),
      ("a@b@1", false), ("mail@１", false),
    ])
  func instances(text: String, isOne: Bool) {
    #expect(InstanceID(text)?.description == (isOne ? text : nil))
  }

  @Test(
    "a signal is spoken of by its name, or by its number where it has none",
    arguments: [
      (15, "SIGTERM"), (9, "SIGKILL"), (34, "SIGRTMIN"), (36, "SIGRTMIN+2"), (33, "signal 33"),
      (0, "signal 0"), (-1, "signal -1"), (99, "signal 99"),
    ] as [(Int32, String)])
  func signals(number: Int32, name: String) { #expect(SignalName.spoken(number) == name) }
}
