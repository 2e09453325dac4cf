// What the supervisor says on gateway.sock, a line of JSON a packet: which instance listens in its own network (the packet
// carries the listener), and which does no more. Must never be longer than a packet that is read whole.

package import NovaModel

/// One life of an instance that has a network of its own with a way to the gateway.
package struct ListeningLife: Sendable, Hashable {
  /// The instance.
  package let id: InstanceID
  /// Which life of it.
  package let incarnation: Int64

  /// Names one.
  package init(_ id: InstanceID, incarnation: Int64) {
    self.id = id
    self.incarnation = incarnation
  }
}

/// One message on gateway.sock.
package enum ListenerNews: Sendable, Hashable {
  /// Whoever connects to the listener that comes with it is that instance.
  case listens(ListeningLife)
  /// It has ended.
  case gone(ListeningLife)
  /// All that lived when the connection was made have been told.
  case listed

  /// `{"worker":"W","instance":1,"incarnation":7}`, the same with `"gone":true`, or `{"listed":true}`, and a line's end.
  package var line: [UInt8] {
    var members: [JSONValue.Member] = []
    switch self {
    case .listed: members = [.init("listed", .bool(true))]
    case .listens(let life), .gone(let life):
      members = [
        .init("worker", .string(life.id.worker.text)),
        .init("instance", .integer(life.id.number)),
        .init("incarnation", .integer(life.incarnation)),
      ]
      if case .gone = self { members.append(.init("gone", .bool(true))) }
    }
    return JSONValue.object(members).bytes() + [UInt8(ascii: "\n")]
  }

  /// Reads a line; nil for anything that is none of the three. Members that nobody knows are passed over.
  package init?(line: [UInt8]) {
    guard line.last == UInt8(ascii: "\n"), let value = try? JSONParser.parse(line) else {
      return nil
    }
    if value["listed"] == .bool(true) {
      self = .listed
      return
    }
    guard case .number(let instance)? = value["instance"],
      case .number(let incarnation)? = value["incarnation"], let serial = Int64(incarnation),
      serial >= 0, let worker = value["worker"]?.text,
      let id = InstanceID("\(worker)@\(instance)")
    else { return nil }
    let life = ListeningLife(id, incarnation: serial)
    switch value["gone"] {
    case nil: self = .listens(life)
    case .bool(true)?: self = .gone(life)
    default: return nil
    }
  }
}
