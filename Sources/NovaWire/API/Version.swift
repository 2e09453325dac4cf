// The version of the whole house, in one place. Must never differ between the programs of one build.

/// What `novasup version` and `GET /v1/version` say.
package enum NovaVersion {
  /// Semantic version of this build.
  package static let text = "0.1.0"
}
