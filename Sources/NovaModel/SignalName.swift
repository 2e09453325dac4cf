// Signal names and numbers of Linux, both ways. Must never depend on the C library of this build: the numbers are
// signal(7)'s for x86 and ARM, the real-time ones glibc's (32 and 33 belong to its threads).

/// Names of signals.
package enum SignalName {
  private static let names: [String] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
  ]
  private static let synonyms: [String: Int32] = ["IOT": 6, "CLD": 17, "POLL": 29]
  private static let realTime: ClosedRange<Int32> = 34...64

  /// The number of `TERM`, `SIGTERM`, `sigterm`, `15`, `RTMIN+1` or `RTMAX-1`; nil when there is no such signal.
  package static func number(_ text: String) -> Int32? {
    guard text.utf8.count <= 16 else { return nil }
    if let number = whole(text) {
      return (1...31).contains(number) || realTime.contains(number) ? number : nil
    }
    var name = text.uppercased()
    if name.hasPrefix("SIG") { name.removeFirst(3) }
    if let index = names.firstIndex(of: name) { return Int32(index + 1) }
    if let number = synonyms[name] { return number }
    return realTimeNumber(name)
  }

  /// The name without SIG: `TERM`, `RTMIN+1`; the number in decimal when it has no name.
  package static func name(_ number: Int32) -> String {
    if number >= 1, Int(number) <= names.count { return names[Int(number) - 1] }
    guard realTime.contains(number) else { return String(number) }
    if number == realTime.lowerBound { return "RTMIN" }
    if number == realTime.upperBound { return "RTMAX" }
    return "RTMIN+\(number - realTime.lowerBound)"
  }

  /// The names a person may have meant.
  package static let all: [String] = names

  /// The name as people say it: `SIGTERM`; `signal 33` where there is none.
  package static func spoken(_ number: Int32) -> String {
    let name = name(number)
    return Int32(name) == number ? "signal \(number)" : "SIG" + name
  }

  /// Digits alone; Int32 by itself would take a sign.
  private static func whole(_ text: some StringProtocol) -> Int32? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      ? Int32(text) : nil
  }

  private static func realTimeNumber(_ name: String) -> Int32? {
    if name == "RTMIN" { return realTime.lowerBound }
    if name == "RTMAX" { return realTime.upperBound }
    guard name.utf8.count > 6, let offset = whole(name.dropFirst(6)),
      offset <= realTime.count
    else { return nil }
    let number: Int32
    if name.hasPrefix("RTMIN+") {
      number = realTime.lowerBound + Int32(offset)
    } else if name.hasPrefix("RTMAX-") {
      number = realTime.upperBound - Int32(offset)
    } else {
      return nil
    }
    return realTime.contains(number) ? number : nil
  }
}
