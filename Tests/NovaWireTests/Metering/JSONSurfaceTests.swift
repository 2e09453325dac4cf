// Bodies that are looked at from the outside: where their members are, what they hide, and what is none.

import Testing

@testable import NovaWire

@Suite struct JSONSurfaceTests {
  private func surface(_ text: String) throws -> JSONSurface { try JSONSurface(Array(text.utf8)) }

  @Test("members are found where they are, and all else stays as it was when one is replaced")
  func replaced() throws {
    let text = #" {"model" : "m", "max_tokens":4096,"tools":[{"a":"}\"],["}] , "x":-1.5e3} "#
    let found = try surface(text)
    #expect(found.members.map(\.key) == ["model", "max_tokens", "tools", "x"])
    #expect(found["model"]?.text == "m")
    #expect(found["tools"]?.elements?.count == 1)
    #expect(found["y"] == nil)
    let changed = String(
      decoding: found.replacing([("max_tokens", .integer(7)), ("new", .bool(true))]), as: UTF8.self)
    #expect(
      changed
        == #" {"model" : "m", "max_tokens":7,"tools":[{"a":"}\"],["}] , "x":-1.5e3,"new":true} "#)
    #expect(
      String(decoding: try surface("{ }").replacing([("a", .null), ("b", .null)]), as: UTF8.self)
        == #"{ "a":null,"b":null}"#)
  }

  @Test(
    "what is not one object, or reads two ways, is refused",
    arguments: [
      "", "[]", "null", #"{"a":1"#, #"{"a":1}}"#, #"{"a":1} x"#, #"{"a":1,"a":2}"#,
      #"{"a":1,"\u0061":2}"#,
      #"{"a":[1}"#, #"{"a":}"#, #"{"a":1,}"#, #"{a:1}"#, #"{"a" 1}"#, #"{"a":"x"#, "{\"a\":\"\n\"}",
      #"{"a":[}]}"#,
    ])
  func refused(_ text: String) {
    #expect(throws: JSONError.self) { try surface(text) }
  }

  @Test("two hundred levels are read, more are not, and none by recursion")
  func deep() throws {
    let levels = { (count: Int) in
      "{\"a\":" + String(repeating: "[", count: count) + String(repeating: "]", count: count) + "}"
    }
    #expect(try surface(levels(200)).has("a"))
    #expect(throws: JSONError.self) { try surface(levels(201)) }
    #expect(throws: JSONError.self) { try surface(levels(1_000_000)) }
  }

  @Test(
    "a text that spells plain letters as escapes is told; control characters and other scripts are not"
  )
  func disguised() throws {
    #expect(try surface(#"{"a":[{"cache\u005fcontrol":1}]}"#).isDisguised)
    #expect(try !surface(#"{"a":"\u000a\u00e9\u4e2d\\u0041"}"#).isDisguised)
  }
}
