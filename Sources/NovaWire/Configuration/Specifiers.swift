// `%i %n %%` in commands, directories, environment values, ports and URLs, as in systemd.unit(5).
// Must never expand what the loader did not check: an unknown specifier is a configuration error.

package import NovaModel

/// Specifiers in text.
package enum Specifiers {
  /// `text` with `%i` as the instance's number, `%n` as the worker's name and `%%` as a percent sign.
  /// An unknown specifier stays as it is written; the loader has refused it before.
  package static func expanded(_ text: String, worker: WorkerName, number: Int) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
    var result: [UInt8] = []
    var pending = false
    for byte in text.utf8 {
      if !pending {
        if byte == UInt8(ascii: "%") { pending = true } else { result.append(byte) }
        continue
      }
      pending = false
      switch byte {
      case UInt8(ascii: "i"): result.append(contentsOf: String(number).utf8)
      case UInt8(ascii: "n"): result.append(contentsOf: worker.text.utf8)
      case UInt8(ascii: "%"): result.append(byte)
      default: result.append(contentsOf: [UInt8(ascii: "%"), byte])
      }
    }
    if pending { result.append(UInt8(ascii: "%")) }
    return String(decoding: result, as: UTF8.self)
  }

  /// The first specifier that is none of `%i %n %%`, such as `%x`, or `%` at the end; nil when all are known.
  package static func firstUnknown(in text: String) -> String? {
    var characters = text.unicodeScalars.makeIterator()
    while let character = characters.next() {
      guard character == "%" else { continue }
      guard let next = characters.next() else { return "%" }
      if next != "i", next != "n", next != "%" { return "%" + String(next) }
    }
    return nil
  }
}
