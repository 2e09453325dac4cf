// The pages of the program and its libraries that only the start needed: some 4 MB of code and tables that the runtime
// looks through once. Must never give back a page that differs from its file.

internal import Glibc

/// This process's mapped files.
package enum ProgramText {
  /// Gives back what is mapped of files, cannot be written and was never changed; what is needed again comes from the
  /// page cache. Answers how many bytes were mapped there. Reads `/proc/self/smaps`, calls `madvise(2)`.
  @discardableResult
  package static func release() -> Int {
    // Some 150 mappings of 700 bytes each.
    guard let text = try? FileBytes.read("/proc/self/smaps", limit: 4 << 20) else { return 0 }
    var released = 0
    for mapping in unchanged(in: String(decoding: text, as: UTF8.self)) {
      // SAFETY: the range is a mapping of ours that no write has touched: its pages are those of the file.
      let start = unsafe UnsafeMutableRawPointer(bitPattern: mapping.lowerBound)
      if unsafe madvise(start, mapping.count, MADV_DONTNEED) == 0 { released += mapping.count }
    }
    return released
  }

  /// Address ranges of files that are mapped without the right to write and without a page of their own, proc(5).
  static func unchanged(in smaps: String) -> [Range<UInt>] {
    var found: [Range<UInt>] = []
    var candidate: Range<UInt>?
    for line in smaps.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 5)
      if words.count == 6, words[0].contains("-") {
        candidate = nil
        let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        let isFile = words[5].drop { $0 == " " }.hasPrefix("/")
        guard ends.count == 2, ends[0] < ends[1], isFile, words[1].hasSuffix("p"),
          !words[1].contains("w")
        else { continue }
        candidate = ends[0]..<ends[1]
      } else if line.hasPrefix("Anonymous:"), let range = candidate {
        candidate = nil
        if words.count > 1, words[1] == "0" { found.append(range) }
      }
    }
    return found
  }
}
