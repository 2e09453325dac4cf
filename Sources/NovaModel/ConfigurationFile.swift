// A file of the configuration as it was read: judged by one room, stored by another. Must never hold nova.env: that
// one has secrets in it and is not stored.

/// One file of a configuration, byte for byte.
package struct ConfigurationFile: Sendable, Hashable {
  /// Where it was read; shown in problems.
  package var path: String
  /// Its content, at most 1 MiB.
  package var bytes: [UInt8]

  /// Pairs a path with its content.
  package init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }
}
