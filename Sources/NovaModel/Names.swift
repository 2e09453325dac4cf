// Who is who: workers, their instances and the incarnations of an instance.
// Must never hold a name that was not checked: a WorkerName exists only if it is a valid one.

/// A worker's name: `[a-z0-9][a-z0-9_-]{0,62}`.
package struct WorkerName: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The checked text.
  package let text: String

  /// The name, or nil when the text is not a valid one.
  package init?(_ text: String) {
    let bytes = text.utf8
    guard (1...63).contains(bytes.count) else { return nil }
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): continue
      case UInt8(ascii: "-"), UInt8(ascii: "_"): guard index > 0 else { return nil }
      default: return nil
      }
    }
    self.text = text
  }

  /// The text itself.
  package var description: String { text }
  /// Orders by bytes.
  package static func < (a: WorkerName, b: WorkerName) -> Bool { a.text < b.text }
}

/// One instance (a slot) of a worker: `name@N`, N from 1.
package struct InstanceID: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The worker.
  package let worker: WorkerName
  /// The instance's number, from 1.
  package let number: Int

  /// Names instance `number` of `worker`.
  package init(worker: WorkerName, number: Int) {
    self.worker = worker
    self.number = number
  }

  /// Parses `name@N`; nil when either half is invalid.
  package init?(_ text: String) {
    guard let at = text.lastIndex(of: "@"), let worker = WorkerName(String(text[..<at])),
      let number = Int(text[text.index(after: at)...]), (1...99_999).contains(number),
      // One spelling: `+1` and `01` name nothing.
      text[text.index(after: at)...] == String(number)
    else { return nil }
    self.init(worker: worker, number: number)
  }

  /// `name@N`.
  package var description: String { "\(worker.text)@\(number)" }

  /// Orders by worker, then number.
  package static func < (a: InstanceID, b: InstanceID) -> Bool {
    a.worker != b.worker ? a.worker < b.worker : a.number < b.number
  }
}

/// One life of an instance, from spawn to exit; unique for the life of the state directory.
package struct Incarnation: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// A number that only grows.
  package let serial: UInt64
  /// Wraps a serial.
  package init(_ serial: UInt64) { self.serial = serial }
  /// The serial in decimal.
  package var description: String { String(serial) }
  /// Orders by age.
  package static func < (a: Incarnation, b: Incarnation) -> Bool { a.serial < b.serial }
}
