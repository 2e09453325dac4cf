// YAML to trees: places, refusals with their exact words, hostile bytes.

import Testing

@testable import NovaWire

struct YAMLReaderTests {
  private func refusal(_ text: String) -> String? { refusal(Array(text.utf8)) }

  private func refusal(_ bytes: [UInt8]) -> String? {
    do throws(YAMLError) {
      _ = try YAMLReader.read(bytes)
      return nil
    } catch {
      return "\(error.line):\(error.column): \(error.message)"
    }
  }

  @Test("a tree knows the line and column of every value")
  func places() throws {
    let root = try #require(try YAMLReader.read(Array("# é\na:\n  é: [x, \"y\"]\n".utf8)))
    #expect(
      root
        == YAMLNode(
          line: 2, column: 1,
          content: .mapping([
            .init(
              key: "a", line: 2, column: 1,
              value: YAMLNode(
                line: 3, column: 3,
                content: .mapping([
                  .init(
                    key: "é", line: 3, column: 3,
                    value: YAMLNode(
                      line: 3, column: 6,
                      content: .sequence([
                        YAMLNode(line: 3, column: 7, content: .scalar("x", plain: true)),
                        YAMLNode(line: 3, column: 10, content: .scalar("y", plain: false)),
                      ])))
                ])))
          ])))
  }

  @Test(
    "nothing, comments and null are an empty document",
    arguments: ["", "# only\n", "---\n", "~\n", "null"])
  func empty(text: String) throws { #expect(try YAMLReader.read(Array(text.utf8)) == nil) }

  @Test("CRLF, CR, a BOM and UTF-16 give the same tree as LF")
  func encodings() throws {
    let text = "a: 1\nb: ü\n"
    let plain = try YAMLReader.read(Array(text.utf8))
    #expect(plain != nil)
    let crlf = text.replacing("\n", with: "\r\n")
    #expect(try YAMLReader.read(Array(crlf.utf8)) == plain)
    #expect(try YAMLReader.read(Array(text.replacing("\n", with: "\r").utf8)) == plain)
    #expect(try YAMLReader.read([0xEF, 0xBB, 0xBF] + Array(text.utf8)) == plain)
    let little = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let big = text.utf16.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    #expect(try YAMLReader.read([0xFF, 0xFE] + little) == plain)
    #expect(try YAMLReader.read([0xFE, 0xFF] + big) == plain)
  }

  @Test(
    "what is refused is refused with its place and these words",
    arguments: [
      ("a: 1\nb: 2\na: 3\n", "3:1: key 'a' is already at line 1, column 1"),
      (
        "a: &x 1\nb: *x\n",
        "1:4: anchors are not supported (write the value out where it is needed)"
      ),
      ("b: *x\n", "1:4: aliases are not supported (write the value out)"),
      ("a: !!binary eA==\n", "1:4: tags are not supported (leave out the '!', or quote the text)"),
      ("a: 1\n---\nb: 2\n", "2:1: a second document begins here (one file is one document)"),
      ("? [a, b]\n: c\n", "1:3: a key must be a single value"),
      ("a: \"x\\0y\"\n", "1:4: holds a NUL character"),
      (
        "a:\n\tb: 1\n",
        "2:1: is not valid YAML: found character that cannot start any token while scanning for the next token"
      ),
      (
        "a: [1, 2\n",
        "2:1: is not valid YAML: did not find expected ',' or ']' while parsing a flow sequence"
      ),
      (
        "a: 'x\n",
        "2:1: is not valid YAML: found unexpected end of stream while scanning a quoted scalar"
      ),
      ("a: b: c\n", "1:5: is not valid YAML: mapping values are not allowed in this context"),
    ])
  func refused(text: String, message: String) { #expect(refusal(text) == message) }

  @Test("bytes that are not text are refused")
  func notText() {
    #expect(
      refusal([0x61, 0x3A, 0x20, 0xFF, 0x0A])
        == "1:1: is not text in UTF-8 or UTF-16: invalid leading UTF-8 octet")
    #expect(
      refusal([0x61, 0x3A, 0x20, 0x00, 0x0A])
        == "1:1: is not text in UTF-8 or UTF-16: control characters are not allowed")
  }

  @Test("size, depth and count are bounded")
  func bounds() {
    let large = [UInt8](repeating: UInt8(ascii: "#"), count: YAMLReader.largestDocument + 1)
    #expect(refusal(large) == "1:1: is larger than 1 MiB")
    #expect(
      refusal(String(repeating: "[", count: 33)) == "1:33: values are nested deeper than 32 levels")
    #expect(
      refusal(String(repeating: "[", count: 1 << 20))
        == "1:33: values are nested deeper than 32 levels")
    #expect(
      refusal(String(repeating: "- ", count: 1 << 19))
        == "1:65: values are nested deeper than 32 levels")
    let many = "[" + String(repeating: "a,", count: 200_001) + "]"
    #expect(refusal(many)?.hasSuffix("the file holds more than 200,000 values") == true)
    let deepest = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
    #expect(refusal(deepest) == nil)
  }
}
