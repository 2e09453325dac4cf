// How the limit of open files is shared out.

import Testing

@testable import NovaLinux

@Suite struct FileBudgetTests {
  @Test(
    "readings get what notify sockets and the rest leave over",
    arguments: [
      (20_000, 1000, 1848), (20_000, 10_000, 948), (1024, 100, 41), (512, 0, 0), (100, 10_000, 0),
    ] as [(UInt64, Int, Int)])
  func readers(limit: UInt64, workers: Int, expected: Int) {
    let budget = FileBudget(limit: limit, workers: workers)
    #expect(budget.readers == expected)
    #expect(
      UInt64(budget.readers * GroupReader.descriptorsKept + workers) <= max(limit, UInt64(workers)))
  }

  @Test("it is said for people, an unlimited one too")
  func sentence() {
    #expect(
      FileBudget.sentence(limit: 20_000)
        == "20000: readings keep the files of 1948 instances open, of 948 beside 10,000 workers")
    #expect(FileBudget.sentence(limit: .max) == "unlimited")
    #expect(FileBudget(limit: .max, workers: 10_000).readers > 1_000_000)
  }
}
