// The payload of a frame: fields {u16 tag, u32 length, bytes}, little endian. A tag may repeat: that is a list.
// Must never trap on what it reads: every answer about a missing or misshapen field is nil.

/// Writes fields one after the other.
struct FieldWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put(_ tag: UInt16, _ value: some Collection<UInt8>) {
    append(tag)
    append(UInt32(clamping: value.count))
    bytes.append(contentsOf: value)
  }

  mutating func put(_ tag: UInt16, _ text: String) { put(tag, text.utf8) }

  mutating func put(_ tag: UInt16, _ texts: [String]) {
    for text in texts { put(tag, text.utf8) }
  }

  mutating func put(_ tag: UInt16, _ number: some FixedWidthInteger) {
    append(tag)
    append(UInt32(number.bitWidth / 8))
    append(number)
  }

  private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
    for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
    }
  }
}

/// Reads them back; unknown tags are simply not asked for.
struct Fields {
  private var values: [(tag: UInt16, bytes: ArraySlice<UInt8>)] = []

  /// Nil when a field reaches beyond the end.
  init?(_ payload: ArraySlice<UInt8>) {
    var rest = payload
    while !rest.isEmpty {
      guard let tag = littleEndian(UInt16.self, rest.prefix(2)),
        let length = littleEndian(UInt32.self, rest.dropFirst(2).prefix(4)),
        rest.count - 6 >= Int(length)
      else { return nil }
      let body = rest.dropFirst(6)
      values.append((tag, body.prefix(Int(length))))
      rest = body.dropFirst(Int(length))
    }
  }

  func has(_ tag: UInt16) -> Bool { values.contains { $0.tag == tag } }

  func bytes(_ tag: UInt16) -> ArraySlice<UInt8>? { values.first { $0.tag == tag }?.bytes }

  func number<Number: FixedWidthInteger>(_ tag: UInt16, as type: Number.Type = Number.self)
    -> Number?
  {
    bytes(tag).flatMap { littleEndian(type, $0) }
  }

  func text(_ tag: UInt16) -> String? {
    bytes(tag).flatMap { String(validating: $0, as: UTF8.self) }
  }

  /// Nil when one of them is not UTF-8.
  func texts(_ tag: UInt16) -> [String]? {
    var found: [String] = []
    for value in values where value.tag == tag {
      guard let text = String(validating: value.bytes, as: UTF8.self) else { return nil }
      found.append(text)
    }
    return found
  }

  func all(_ tag: UInt16) -> [ArraySlice<UInt8>] {
    values.filter { $0.tag == tag }.map(\.bytes)
  }
}

/// Nil unless `bytes` is exactly as long as the number.
func littleEndian<Number: FixedWidthInteger>(_ type: Number.Type, _ bytes: ArraySlice<UInt8>)
  -> Number?
{
  guard bytes.count == Number.bitWidth / 8 else { return nil }
  var value: Number = 0
  for byte in bytes.reversed() { value = value << 8 | Number(truncatingIfNeeded: byte) }
  return value
}

/// A whole frame, outgoing.
struct Frame {
  let type: UInt16
  let payload: [UInt8]

  init(_ type: UInt16, _ write: (inout FieldWriter) -> Void = { _ in }) {
    self.type = type
    var writer = FieldWriter()
    write(&writer)
    payload = writer.bytes
  }

  /// Header {u32 payload length, u16 type, u16 number of descriptors} and payload.
  func bytes(descriptors: Int) -> [UInt8] {
    let length = UInt32(clamping: payload.count)
    let count = UInt16(clamping: descriptors)
    return [
      UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: length >> 8),
      UInt8(truncatingIfNeeded: length >> 16), UInt8(truncatingIfNeeded: length >> 24),
      UInt8(truncatingIfNeeded: type), UInt8(truncatingIfNeeded: type >> 8),
      UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8),
    ] + payload
  }
}

/// A whole frame, incoming, with the descriptors that came with it.
struct Message {
  let type: UInt16
  let payload: ArraySlice<UInt8>
  let descriptors: [DescriptorBox]
  /// It came with descriptors, and this process had no number left for them (EMFILE).
  var lostDescriptors = false
}

/// What became of a message.
enum Decoded<Value> {
  case value(Value)
  /// A later version's type: to be skipped.
  case unknown
  case malformed
}
