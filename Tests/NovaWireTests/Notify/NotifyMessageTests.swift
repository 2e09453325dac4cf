// The sd_notify datagrams: each known field, each malformed neighbour, and floods.

import NovaModel
import NovaWire
import Testing

struct NotifyMessageTests {
  @Test(
    "a known field is understood and its malformed neighbours are left out",
    arguments: [
      ("READY=1", [.ready]), ("READY=0", []), ("READY=", []), ("READY", []), ("", []), ("=1", []),
      ("STATUS=up\nREADY=1", [.status("up"), .ready]), ("STATUS=a=b", [.status("a=b")]),
      ("STATUS=", [.status("")]), ("STATUS=\u{1B}[2J", [.status(#"\x1b[2J"#)]),
      ("WATCHDOG=1", [.watchdog]), ("WATCHDOG=trigger", [.watchdogTrigger]), ("WATCHDOG=2", []),
      ("STOPPING=1\n\nRELOADING=1\n", [.stopping, .reloading]),
      ("EXTEND_TIMEOUT_USEC=5000000", [.extendTimeout(.seconds(5))]),
      ("EXTEND_TIMEOUT_USEC=9223372036854775807", [.extendTimeout(.microseconds(.max / 1000))]),
      ("EXTEND_TIMEOUT_USEC=-1", []), ("EXTEND_TIMEOUT_USEC=99999999999999999999", []),
      ("MAINPID=42", [.mainPID(42)]), ("MAINPID=0", []), ("MAINPID=2147483648", []),
      ("BARRIER=1", [.barrier]), ("FDSTORE=1\nUNKNOWN=x", []),
      (
        "X_NOVA_RUN=ok\nX_NOVA_COST_USD=0.05",
        [.nova(name: "RUN", value: "ok"), .nova(name: "COST_USD", value: "0.05")]
      ),
      ("X_NOVA_=1", []), ("X_NOVA_low=1", []), ("ready=1", []),
    ] as [(String, [NotifyField])])
  func fields(text: String, expected: [NotifyField]) {
    #expect(NotifyMessage.parse(Array(text.utf8)) == expected)
  }

  @Test("a status is valid UTF-8 of at most 1,024 bytes, whatever was sent")
  func status() {
    let fields = NotifyMessage.parse(
      Array("STATUS=".utf8) + [UInt8](repeating: 0xC3, count: 70_000))
    guard case .status(let text) = fields.first else {
      Issue.record("no status in \(fields)")
      return
    }
    #expect(text.utf8.count == 1023)
  }

  @Test("a flood of lines is cut at 64")
  func flood() {
    let bytes = Array(String(repeating: "READY=1\n", count: 10_000).utf8)
    #expect(NotifyMessage.parse(bytes).count == 64)
  }

  @Test("any bytes at all give fields or nothing")
  func anyBytes() {
    var generator = SplitMix(seed: 11)
    let valid = Array("READY=1\nSTATUS=ok\nWATCHDOG=1\nMAINPID=7\nX_NOVA_RUN=ok\n".utf8)
    for _ in 0..<5000 {
      var bytes = valid
      for _ in 0..<4 {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      #expect(NotifyMessage.parse(bytes).count <= 10)
    }
  }
}
