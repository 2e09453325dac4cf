// libyaml's parser as a series of safe values. Every unsafe line of the room is in this file.
// Must never hand out a pointer of libyaml's: text is copied, checked and counted here.

import CYAML

/// One parser over its own copy of the bytes.
@safe struct YAMLEvents: ~Copyable {
  /// One event.
  struct Step {
    var kind: Kind
    /// From 1; columns in characters.
    var line: Int, column: Int
  }

  /// What an event says.
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case scalar(String, plain: Bool)
    case sequenceStart, sequenceEnd, mappingStart, mappingEnd
  }

  private static let anchors = "anchors are not supported (write the value out where it is needed)"
  private static let tags = "tags are not supported (leave out the '!', or quote the text)"

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  /// Starts on a copy of `bytes`; nil when there is no memory for it.
  init?(_ bytes: [UInt8]) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    unsafe parser.initialize(to: yaml_parser_t())
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      unsafe parser.deallocate()
      return nil
    }
    let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    _ = unsafe input.initialize(fromContentsOf: bytes)
    unsafe self.parser = unsafe parser
    unsafe self.input = unsafe input
    // SAFETY: libyaml reads the buffer until yaml_parser_delete; both live until deinit.
    unsafe yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe input.deallocate()
  }

  /// The next event, or why there is none. After `streamEnd` or an error it must not be called again.
  func next() throws(YAMLError) -> Step {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw parserError() }
    defer { unsafe yaml_event_delete(&event) }
    let mark = unsafe event.start_mark
    let line = Int(clamping: mark.line) + 1
    let column = Int(clamping: mark.column) + 1
    do {
      return Step(kind: try unsafe Self.kind(of: event), line: line, column: column)
    } catch {
      throw YAMLError(line: line, column: column, message: error.message)
    }
  }

  private struct Refusal: Error { var message: String }

  private static func kind(of event: yaml_event_t) throws(Refusal) -> Kind {
    switch unsafe event.type {
    case YAML_STREAM_START_EVENT: return .streamStart
    case YAML_STREAM_END_EVENT: return .streamEnd
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_ALIAS_EVENT:
      throw Refusal(message: "aliases are not supported (write the value out)")
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      if unsafe start.anchor != nil { throw Refusal(message: anchors) }
      if unsafe start.tag != nil { throw Refusal(message: tags) }
      return .sequenceStart
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      if unsafe start.anchor != nil { throw Refusal(message: anchors) }
      if unsafe start.tag != nil { throw Refusal(message: tags) }
      return .mappingStart
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      if unsafe scalar.anchor != nil { throw Refusal(message: anchors) }
      if unsafe scalar.tag != nil { throw Refusal(message: tags) }
      // SAFETY: value points to `length` bytes that live until yaml_event_delete.
      let raw = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      if unsafe raw.contains(0) { throw Refusal(message: "holds a NUL character") }
      guard let text = unsafe String(validating: raw, as: UTF8.self) else {
        throw Refusal(message: "is not UTF-8 text")
      }
      return .scalar(text, plain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE)
    default: throw Refusal(message: "is not valid YAML")
    }
  }

  /// What libyaml says about where it stopped.
  private func parserError() -> YAMLError {
    let failed = unsafe parser.pointee
    let problem = unsafe failed.problem.map { unsafe String(cString: $0) } ?? "out of memory"
    if unsafe failed.error == YAML_READER_ERROR {
      // The reader knows only a byte offset; the mark is where the text before it was last looked at.
      let mark = unsafe failed.mark
      return YAMLError(
        line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1,
        message: "is not text in UTF-8 or UTF-16: \(problem)")
    }
    let mark = unsafe failed.problem_mark
    let context = unsafe failed.context.map { unsafe " " + String(cString: $0) } ?? ""
    return YAMLError(
      line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1,
      message: "is not valid YAML: \(problem)\(context)")
  }
}
