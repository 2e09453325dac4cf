// "did you mean …?" for what people mistype. Must never suggest something that is not close.

import NovaWire

/// The nearest word of a list.
enum Suggestion {
  /// The word that was probably meant.
  static func nearest(to word: String, in candidates: [String]) -> String? {
    EditDistance.nearest(to: word, among: candidates)
  }

  /// `unknown verb foo; did you mean bar?`
  static func sentence(_ text: String, _ nearest: String?) -> String {
    text + (nearest.map { "; did you mean \($0)?" } ?? "")
  }
}
