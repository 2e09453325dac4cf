// The one door between API values and bytes, with the limits of the API. Must never accept a request it
// does not understand whole.

/// Encoding and decoding of everything that travels over the API.
package enum APICoding {
  /// 256 KiB: a request naming every one of 3,000 workers fits; nothing a client sends is larger.
  package static let maximumRequestBytes = 256 << 10
  /// 64 MiB: 10,000 rows of `ps` are 10 MiB.
  package static let maximumResponseBytes = 64 << 20

  /// The JSON of a value: keys in the order of declaration, nil as null.
  /// A value that cannot be described is our bug and becomes `null`.
  package static func encode(_ value: some Encodable, pretty: Bool = false) -> [UInt8] {
    json(value).bytes(pretty: pretty)
  }

  /// The value as a JSON tree.
  package static func json(_ value: some Encodable) -> JSONValue {
    (try? encodeJSON(value)) ?? .null
  }

  /// Decodes a request body. Throws 400 `unknown_field`, `bad_request` or 413 `too_large`, naming the field.
  package static func decode<T: Decodable>(
    _ type: T.Type, from bytes: [UInt8], limit: Int = maximumRequestBytes
  ) throws(APIError) -> T {
    guard bytes.count <= limit else {
      throw APIError(.tooLarge, "the body is longer than \(limit) bytes")
    }
    return try read(type, bytes, strict: true)
  }

  /// Decodes an answer: fields that a newer supervisor added are ignored.
  package static func decodeAnswer<T: Decodable>(
    _ type: T.Type, from bytes: [UInt8]
  ) throws(APIError) -> T {
    try read(type, bytes, strict: false)
  }

  /// Decodes `GET /v1/workers`: the answer that is asked for most, by the short way where it fits.
  package static func decodeRows(from bytes: [UInt8]) throws(APIError) -> [WorkerRow] {
    if let rows = WorkerRow.rows(bytes) { return rows }
    return try decodeAnswer([WorkerRow].self, from: bytes)
  }

  private static func read<T: Decodable>(
    _ type: T.Type, _ bytes: [UInt8], strict: Bool
  ) throws(APIError) -> T {
    let tree: JSONValue
    do {
      tree = try JSONParser.parse(bytes)
    } catch {
      throw APIError(.badRequest, "the body is not JSON: \(error.message) at byte \(error.offset)")
    }
    do {
      return try decodeJSON(type, from: tree, strict: strict)
    } catch let mismatch as JSONMismatch {
      throw APIError(
        mismatch.unknown ? .unknownField : .badRequest, mismatch.message,
        field: mismatch.field.isEmpty ? nil : mismatch.field)
    } catch {
      throw APIError(.badRequest, "the body does not fit: \(error)")
    }
  }
}
