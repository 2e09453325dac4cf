// Bytes that nobody meant: 20,000 mutations of valid files must end in problems or in a configuration, never in a trap.

import NovaModel
import Testing

@testable import NovaWire

struct ConfigurationFuzzTests {
  @Test("20,000 seeded mutations give problems or a configuration")
  func mutations() {
    var generator = SplitMix(seed: 20_000)
    let worker = Array(ConfigurationFixture.workers.utf8)
    let supervisor = Array(ConfigurationFixture.supervisor.utf8)
    let interesting = Array("{}[]:,-'\"\n\t %&*!|>#?@`\\\0\u{7F}0a~".utf8) + [0xFF, 0xC3, 0xEF]
    var accepted = 0
    for round in 0..<20_000 {
      var bytes = round % 4 == 0 ? supervisor : worker
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        let byte = interesting[Int.random(in: 0..<interesting.count, using: &generator)]
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes[at] = byte
        case 1: bytes.insert(byte, at: at)
        case 2: bytes.remove(at: at)
        case 3: bytes[at] = UInt8.random(in: 0...255, using: &generator)
        default:
          let end = min(bytes.count, at + Int.random(in: 1...40, using: &generator))
          bytes.insert(
            contentsOf: bytes[at..<end], at: Int.random(in: 0..<bytes.count, using: &generator))
        }
      }
      let file = ConfigurationFile(path: "f.yaml", bytes: bytes)
      let result = ConfigurationLoader.load(
        ConfigurationSource(
          supervisor: round % 4 == 0 ? file : nil, workers: round % 4 == 0 ? [] : [file],
          zone: ConfigurationFixture.zone))
      guard (result.configuration == nil) != result.problems.isEmpty else {
        Issue.record("round \(round): a configuration together with problems, or neither")
        return
      }
      guard result.problems.allSatisfy({ $0.line > 0 && $0.column > 0 && !$0.message.isEmpty })
      else {
        Issue.record("round \(round): a problem without a place: \(result.problems)")
        return
      }
      if result.configuration != nil { accepted += 1 }
    }
    // Both outcomes must occur, or the loop proves nothing.
    #expect((100...19_900).contains(accepted))
  }
}
