// What the brain orders of the shim, version 1. Every order is about a child (slot, incarnation) or about a socket.
// Must never carry policy: the shim does what it is told or says why it cannot.

/// The protocol's version and limits.
package enum ShimProtocol {
  /// The version this code speaks. A later one adds frame types and fields; it never changes the meaning of these.
  package static let version: UInt32 = 1
  /// Largest payload of one frame, bytes; a longer one ends the connection.
  package static let maxFrameBytes = 1 << 20
  /// Said in hello by a shim that starts workers with `.gateway`, and by a brain that takes their listeners.
  package static let gatewayFeature = "gateway"
  /// Where such a worker finds the gateway, on its own 127.0.0.1.
  package static let gatewayPort: UInt16 = 7481
  /// Descriptors in flight on one connection, beyond what complete frames have taken; more ends it.
  static let maxQueuedDescriptors = 64
}

/// An order to the shim.
package enum ShimOrder: Sendable, Equatable {
  /// First on every connection; answered by `.hello`, one `.notifySocket` for each open one, and one `.listener` for each
  /// living child that has one where `features` names `gatewayFeature`.
  case hello(version: UInt32, features: [String])
  /// Sent with three descriptors: stdin, stdout, stderr. Answered by `.started` or `.failed`.
  case spawn(SpawnOrder)
  /// To the main process, or (`wholeGroup`) to its process group; only while the child is not reaped.
  case signal(slot: String, incarnation: UInt64, signal: Int32, wholeGroup: Bool = false)
  /// Answered by `.child` and `.exited` for all there are, then `.listed`.
  case list
  /// The exit is booked: the shim forgets it.
  case ack(slot: String, incarnation: UInt64)
  /// Makes (or finds) the worker's notify socket, owned by uid:gid, mode 0600; answered by `.notifySocket`.
  case openNotify(worker: String, path: String, uid: UInt32, gid: UInt32)
  /// Closes and removes it.
  case closeNotify(worker: String)
  /// Replaces the shim's program in place; children, exits and sockets stay, this connection ends.
  case reexec(path: String)
  /// Ends the shim; refused while a child lives or an exit is not acknowledged.
  case shutdown
}

/// Everything the shim needs to start one process. All look-ups (users, capabilities) were made before.
package struct SpawnOrder: Sendable, Equatable {
  /// The instance, such as `name@1`; with `incarnation` the key of the child.
  package var slot: String
  /// Which life of the slot.
  package var incarnation: UInt64
  /// argv; the first is searched in the PATH of `environment` when it has no slash.
  package var arguments: [String]
  /// `KEY=VALUE`.
  package var environment: [String]
  /// Working directory; nil: `/`.
  package var directory: String?
  /// Nil: the shim's own.
  package var uid: UInt32?, gid: UInt32?
  /// Supplementary groups; set whenever uid, gid or groups are given.
  package var groups: [UInt32] = []
  /// Nil: 022.
  package var umask: UInt32?
  /// -20...19; nil: left as it is.
  package var nice: Int32?
  /// -1000...1000; always written.
  package var oomScoreAdjust: Int32 = 0
  /// prctl(PR_SET_NO_NEW_PRIVS).
  package var noNewPrivileges = true
  /// Bit n is capability n, for the bounding, inheritable and ambient sets; nil: as the user gets.
  package var capabilities: UInt64?
  /// setrlimit(2) values.
  package var rlimits: [ResourceLimit] = []
  /// Absolute directory under the root that `.hello` reported; nil: where the shim is.
  package var cgroup: String?
  /// Which network it sees.
  package var network: Network = .host

  /// The host's network, a new one with nothing but loopback, or such a one with a listener on it that is handed up.
  package enum Network: UInt8, Sendable, Hashable { case host, none, gateway }

  /// An order with every default.
  package init(slot: String, incarnation: UInt64, arguments: [String], environment: [String]) {
    self.slot = slot
    self.incarnation = incarnation
    self.arguments = arguments
    self.environment = environment
  }
}

/// One setrlimit(2) value.
package struct ResourceLimit: Sendable, Hashable {
  /// RLIMIT_* number.
  package var resource: Int32
  /// Soft and hard limit; `.max` is RLIM_INFINITY.
  package var soft: UInt64, hard: UInt64
  /// Limits one resource.
  package init(resource: Int32, soft: UInt64, hard: UInt64) {
    self.resource = resource
    self.soft = soft
    self.hard = hard
  }
  /// RLIMIT_NOFILE, the same number on x86 and ARM.
  package static let files: Int32 = 7
  /// RLIMIT_CORE.
  package static let core: Int32 = 4
}
