// A line of history as a journal entry: the sentence, and each fact as a field of its own, as systemd.journal-fields(7)
// wants it. Must never change the id of a type: people's filters and catalogs hold it.

package import NovaModel

extension Journal {
  /// Sends a line of history with its facts as fields `NOVA_…`; false when it was dropped.
  @discardableResult
  package func send(_ event: EventRecord) -> Bool {
    var fields: [(name: String, value: String)] = [
      ("MESSAGE_ID", Self.messageID(of: event.type)), ("NOVA_EVENT", event.type),
      ("NOVA_ACTOR", event.actor),
    ]
    if let worker = event.worker { fields.append(("NOVA_WORKER", worker.text)) }
    if let instance = event.instance { fields.append(("NOVA_INSTANCE", String(instance))) }
    for (name, value) in event.details.sorted(by: { $0.key < $1.key }) {
      fields.append(("NOVA_" + name.uppercased(), value))
    }
    return send(priority: event.severity.rawValue, event.message, fields: fields)
  }

  /// MESSAGE_ID of an event's type, 32 hexadecimal digits: the same for the same type, for ever, and salted with the
  /// product's name so that it meets nobody else's.
  package static func messageID(of type: String) -> String {
    FNV1a<UInt128>("nova-supervisor/" + type).hexadecimal
  }
}
