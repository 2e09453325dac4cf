// Whether bytes hold a word, without making a text of them. Must never read outside of them.

/// Looks for words in bytes.
package enum ByteSearch {
  /// Whether `bytes` hold `word`.
  package static func holds(_ word: String, in bytes: some RandomAccessCollection<UInt8>) -> Bool {
    first(word, in: bytes) != nil
  }

  /// Where `word` begins for the first time.
  package static func first<Bytes: RandomAccessCollection<UInt8>>(
    _ word: String, in bytes: Bytes
  ) -> Bytes.Index? {
    let word = Array(word.utf8)
    guard let head = word.first, bytes.count >= word.count else { return nil }
    var rest = bytes[...]
    while rest.count >= word.count, let at = rest.firstIndex(of: head) {
      let found = rest[at...]
      if found.count >= word.count, found.prefix(word.count).elementsEqual(word) { return at }
      rest = rest[rest.index(after: at)...]
    }
    return nil
  }
}
