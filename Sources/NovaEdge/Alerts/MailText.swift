// A mail as RFC 5322 text. Must never let a subject or an address begin another header.

package import NovaModel

/// Builds the text of a mail.
package enum MailText {
  /// The whole message, lines ended by CRLF.
  package static func message(
    from: String, to: [String], subject: String, body: String, id: String, date: WallTime
  ) -> [UInt8] {
    let headers = [
      "Date: \(MailText.date(date))", "From: \(AlertText.oneLine(from))",
      "To: \(AlertText.oneLine(to.joined(separator: ", ")))", "Subject: \(encoded(subject))",
      "Message-ID: <\(AlertText.oneLine(id).filter { $0 != " " && $0 != "<" && $0 != ">" })>",
      "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: 8bit", "Auto-Submitted: auto-generated",
    ]
    // 8bit lines are at most 998 bytes (RFC 5322, 2.1.1); ours are far below, what is longer is cut into pieces.
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false).flatMap { pieces($0) }
    return Array((headers + [""] + lines).joined(separator: "\r\n").utf8) + Array("\r\n".utf8)
  }

  private static func pieces(_ line: Substring) -> [String] {
    var rest = line
    var found: [String] = []
    while rest.count > 200 {
      found.append(String(rest.prefix(200)))
      rest = rest.dropFirst(200)
    }
    return found + [String(rest)]
  }

  /// `<ops@example.com>`, of an address with or without a name before it.
  package static func address(_ text: String) -> String {
    let inner = text.split(separator: "<").last.map { $0.prefix { $0 != ">" } } ?? text[...]
    return "<" + AlertText.oneLine(String(inner)).filter { $0 != " " } + ">"
  }

  /// A header's text; what is not ASCII as RFC 2047 words of at most 75 characters.
  package static func encoded(_ text: String) -> String {
    let line = AlertText.oneLine(text)
    guard !line.utf8.allSatisfy({ $0 < 0x80 }) else { return line }
    var words: [String] = []
    var piece: [UInt8] = []
    // 45 bytes are 60 characters of Base64; a character is never divided.
    for character in line {
      let bytes = Array(character.utf8)
      if piece.count + bytes.count > 42 {
        words.append(base64(piece))
        piece = []
      }
      piece += bytes
    }
    words.append(base64(piece))
    return words.map { "=?utf-8?B?\($0)?=" }.joined(separator: "\r\n ")
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var value = 0
      for (index, byte) in group.enumerated() { value |= Int(byte) << (16 - 8 * index) }
      for index in 0..<4 {
        out.append(
          index <= group.count ? digits[value >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// `Thu, 26 Nov 2026 05:00:00 +0000`.
  package static func date(_ time: WallTime) -> String {
    let civil = CivilTime(time)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    // 1970-01-01 was a Thursday.
    let day = CivilTime.days(year: civil.year, month: civil.month, day: civil.day)
    return
      "\(days[Int(((day + 4) % 7 + 7) % 7)]), \(civil.day) \(months[civil.month - 1]) \(civil.year) \(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) +0000"
  }
}

/// Form fields.
enum FormText {
  /// Everything but RFC 3986's unreserved characters as `%XX`.
  static func encoded(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var out: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        out.append(byte)
      default: out += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
