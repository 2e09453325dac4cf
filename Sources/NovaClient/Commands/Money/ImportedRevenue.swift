// A file of payments as requests: CSV with a line of names, a JSON array, or JSON lines. Must never skip a line that it
// does not understand.

import NovaWire

/// Reads files of payments.
enum ImportedRevenue {
  /// The requests with the number of their line, from 1. Throws with the line that cannot be read.
  static func requests(
    _ bytes: [UInt8], name: String, defaultSource: String?
  ) throws(ClientError) -> [(line: Int, request: RevenueRequest)] {
    let first = bytes.first { $0 > 32 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF }
    var found =
      first == UInt8(ascii: "[") || first == UInt8(ascii: "{")
      ? try json(bytes, name) : try csv(bytes, name)
    for index in found.indices where found[index].request.source == nil {
      found[index].request.source = defaultSource
    }
    return found
  }

  private static func json(_ bytes: [UInt8], _ name: String) throws(ClientError)
    -> [(line: Int, request: RevenueRequest)]
  {
    if let list = try? APICoding.decodeAnswer([RevenueRequest].self, from: bytes) {
      // Again, each by itself: an unknown key is refused and not passed over.
      guard let elements = try? JSONParser.parse(bytes).elements, elements.count == list.count
      else { return [] }
      var found: [(line: Int, request: RevenueRequest)] = []
      for (index, element) in elements.enumerated() {
        found.append((index + 1, try request(element.bytes(), index + 1, name)))
      }
      return found
    }
    var found: [(line: Int, request: RevenueRequest)] = []
    for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated()
    where line.contains(where: { $0 > 32 }) {
      found.append((index + 1, try request(Array(line), index + 1, name)))
    }
    return found
  }

  private static func request(_ bytes: [UInt8], _ line: Int, _ name: String) throws(ClientError)
    -> RevenueRequest
  {
    do throws(APIError) {
      return try APICoding.decode(RevenueRequest.self, from: bytes)
    } catch {
      throw .cannot("import \(name)", "line \(line): \(error.message)", hint: "nothing was booked")
    }
  }

  private static func csv(_ bytes: [UInt8], _ name: String) throws(ClientError)
    -> [(line: Int, request: RevenueRequest)]
  {
    guard let rows = CSVText.rows(bytes), let names = rows.first else {
      throw .cannot(
        "import \(name)", "it is neither CSV nor JSON", hint: "a quote may not be closed")
    }
    var found: [(line: Int, request: RevenueRequest)] = []
    for (index, row) in rows.enumerated().dropFirst() {
      guard row.count == names.count else {
        throw .cannot(
          "import \(name)",
          "line \(index + 1) has \(row.count) fields, the first line \(names.count)",
          hint: "nothing was booked")
      }
      var members: [JSONValue.Member] = []
      for (key, value) in zip(names, row) where !value.isEmpty {
        members.append(
          .init(
            key,
            key == "touch"
              ? .array(value.split(separator: " ").map { .string(String($0)) }) : .string(value)))
      }
      found.append((index + 1, try request(JSONValue.object(members).bytes(), index + 1, name)))
    }
    return found
  }
}
