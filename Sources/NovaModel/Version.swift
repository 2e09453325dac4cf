// The release this is; what `--version`, the hello of the shim and the API say. Must equal deploy/version, from
// which the package is named: a test compares the two.

/// The version of all programs of one build.
package enum Version {
  /// As in semver.org, such as `1.2.3`.
  package static let text = "0.1.0"
}
