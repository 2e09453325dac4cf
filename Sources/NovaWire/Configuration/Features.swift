// The keys that are read and checked but do nothing yet, in one place. When a feature is built its key leaves this table
// and the warning is gone. Must never list a key that works.

/// What the configuration can say and the supervisor cannot do yet.
package enum Features {
  /// Keys by their place in the files, and `KEY: VALUE` where only one value is meant.
  package static let notYetInEffect: Set<String> = []
}
