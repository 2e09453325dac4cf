// RFC 8259 from both sides: what must be read and what must be refused. Must never need a file.

import NovaWire
import Testing

@Suite struct JSONParserTests {
  @Test(
    "well-formed text is read and written back the same",
    arguments: [
      "null", "true", "-0.5e+10", "18446744073709551615", #""""#, #""a\"b\\c\n""#, "[]", "{}",
      #"[1,[2,{"a":null}],"x"]"#, #"{"b":1,"a":2}"#,
    ])
  func roundTrip(text: String) throws {
    #expect(String(decoding: try JSONParser.parse(Array(text.utf8)).bytes(), as: UTF8.self) == text)
  }

  @Test(
    "malformed text is refused",
    arguments: [
      "", " ", "nul", "01", "1.", ".5", "+1", "-", "1e", "[1,]", "[1", "{\"a\":1,}", "{a:1}",
      "{\"a\" 1}", "{\"a\":1,\"a\":2}", "\"\u{1}\"", #""\x""#, #""\u12""#, #""\ud800""#,
      #""\ud800\u0041""#, #""\udc00""#, "\"", "1 2", "NaN", "{\"a\":}", "[,]",
    ])
  func refused(text: String) {
    #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.utf8)) }
  }

  @Test("bytes that are no UTF-8 are refused")
  func invalidUTF8() {
    #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
    #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0xC0, 0x80, 0x22]) }
  }

  @Test("a surrogate pair becomes its character")
  func surrogates() throws {
    #expect(try JSONParser.parse(Array(#""\ud83d\ude00""#.utf8)) == .string("😀"))
  }

  @Test("depth is bounded, so hostile nesting costs no stack")
  func depth() throws {
    let fits = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
    _ = try JSONParser.parse(Array(fits.utf8))
    #expect(throws: JSONError.self) {
      try JSONParser.parse([UInt8](repeating: UInt8(ascii: "["), count: 100_000))
    }
  }

  @Test("no prefix of a document traps or is accepted")
  func prefixes() {
    let text = Array(#"{"a":[1,-2.5e3,"\u00e9\n"],"b":{"c":null,"d":true}}"#.utf8)
    for length in 0..<text.count {
      #expect(throws: JSONError.self) { try JSONParser.parse(Array(text[..<length])) }
    }
  }

  @Test("what is not finite becomes null and control characters are escaped")
  func writing() {
    #expect(JSONValue.real(.nan) == .null)
    #expect(JSONValue.real(.infinity) == .null)
    #expect(JSONValue.real(2) == .number("2"))
    #expect(
      String(decoding: JSONValue.string("\u{1B}[2J\u{7F}").bytes(), as: UTF8.self)
        == #""\u001b[2J\u007f""#)
  }
}
