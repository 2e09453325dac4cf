// `If-Match` as RFC 9110 writes it, and what is no list of tags.

import NovaWire
import Testing

@Suite struct EntityTagsTests {
  @Test(
    "tags in quotes, several of them, with blanks and empty elements; weak ones match nothing",
    arguments: [
      (#""a""#, [#""a""#]), (#""a", "b""#, [#""a""#, #""b""#]),
      (#" ,"a" , ,"b","#, [#""a""#, #""b""#]),
      (#"W/"a""#, []), (#"W/"a","b""#, [#""b""#]), (#""""#, [#""""#]), (#""!#~ü""#, [#""!#~ü""#]),
      (#""W/""#, [#""W/""#]),
    ])
  func lists(header: String, tags: [String]) throws {
    let found = try #require(EntityTags(header))
    #expect(found == .list(tags))
    #expect(!found.match(#""other""#))
    for tag in tags { #expect(found.match(tag)) }
  }

  @Test("a star matches whatever is there")
  func any() { #expect(EntityTags("*")?.match(#""a""#) == true) }

  @Test(
    "what is no list of tags is refused",
    arguments: [
      "", " ", ",", "a", #""a"#, #"a""#, #""a"b"#, #""a" "b""#, "* ", #"*, "a""#, #"w/"a""#, "W/",
      "W/a",
      #""a b""#, "\"a\u{7f}\"", #""a";"#,
    ])
  func refused(header: String) { #expect(EntityTags(header) == nil) }
}
