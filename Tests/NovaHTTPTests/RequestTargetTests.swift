// The request target by table. Must never accept what decodes in two ways.

import Testing

@testable import NovaHTTP

@Suite struct RequestTargetTests {
  @Test(
    "what it decodes to",
    arguments: [
      ("/", "/", ""), ("/v1/workers", "/v1/workers", ""), ("/a?", "/a", ""),
      ("/a?b", "/a", "b="), ("/a?b=c&b=d", "/a", "b=c,b=d"), ("/a?b=c=d", "/a", "b=c=d"),
      ("/a?x=%26%3D&y=+", "/a", "x=&=,y= "), ("/a+b", "/a+b", ""), ("/%C3%BC", "/ü", ""),
      ("/a?q=%0A", "/a", "q=\n"), ("/a?=v", "/a", "=v"), ("/a?&&b=1&", "/a", "b=1"),
      ("*", "*", ""), ("http://nova/v1?x=1", "/v1", "x=1"), ("http://nova", "/", ""),
      ("http://nova?x=1", "/", "x=1"), ("/a??b", "/a", "?b="),
    ])
  func decoded(_ raw: String, _ path: String, _ query: String) throws {
    let target = try #require(RequestTarget(raw))
    #expect(target.path == path)
    #expect(target.query.map { "\($0.0)=\($0.1)" }.joined(separator: ",") == query)
  }

  @Test(
    "what is refused",
    arguments: [
      "", "a", "/%", "/%1", "/%zz", "/%00", "/a?%00", "/%0a", "/%7f", "/%ff", "/a?b=%c3",
      "ftp://x/",
    ])
  func refused(_ raw: String) { #expect(RequestTarget(raw) == nil) }
}
