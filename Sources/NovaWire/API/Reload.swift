// A new configuration as a difference: `POST /v1/reload`. Must never apply a part of a bad one.

/// `POST /v1/reload`.
package struct ReloadRequest: Codable, Sendable, Hashable {
  /// Say the difference and change nothing.
  package var dryRun: Bool?

  /// Asks for a reload, or for its difference.
  package init(dryRun: Bool? = nil) { self.dryRun = dryRun }
}

/// The difference. With `problems` nothing was changed.
package struct ReloadResponse: Codable, Sendable, Hashable {
  package var applied: Bool
  package var changes: [Change] = []
  package var warnings: [String] = []
  /// `FILE:LINE:COLUMN: what is wrong`.
  package var problems: [String] = []
  package var configGeneration: Int64?

  /// Puts an answer together.
  package init(
    applied: Bool, changes: [Change] = [], warnings: [String] = [], problems: [String] = [],
    configGeneration: Int64? = nil
  ) {
    self.applied = applied
    self.changes = changes
    self.warnings = warnings
    self.problems = problems
    self.configGeneration = configGeneration
  }

  /// What happens to a worker.
  package enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
    case added, removed, restarted, updated, rescaled
  }

  /// One worker that changes. `supervisor` settings come under the name `supervisor.yaml`.
  package struct Change: Codable, Sendable, Hashable {
    package var worker: String
    package var change: Kind
    /// The keys that differ.
    package var fields: [String]
    package var message: String?
    /// Puts a change together.
    package init(worker: String, change: Kind, fields: [String] = [], message: String? = nil) {
      self.worker = worker
      self.change = change
      self.fields = fields
      self.message = message
    }
  }
}
