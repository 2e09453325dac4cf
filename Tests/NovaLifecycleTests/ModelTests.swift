// Random facts and wishes, in random order, against the fake kernel. A failure is shortened to the moves that are enough and
// names them. Here 40,000, which is what an unoptimized build does in seconds; Tests/model/run does a million and more.
// Must never depend on anything but the seed.

import NovaModel
import Testing

@testable import NovaLifecycle

@Suite struct ModelTests {
  /// Of each of the 20 runs.
  static let facts = 2000

  @Test(
    "random events keep the invariants, and a drain ends everything",
    arguments: [
      1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 203, 233, 377, 610, 987, 1597, 2584, 4181, 6765,
    ] as [UInt64])
  func random(seed: UInt64) {
    var model = Model()
    var generator = SplitMix64(seed: seed)
    var moves: [UInt64] = []
    while model.handled < Self.facts, model.trouble() == nil {
      moves.append(generator.next())
      model.play(moves[moves.count - 1])
    }
    guard let trouble = model.trouble() ?? model.drain() else { return }
    let few = shrink(moves) { Model.firstFailure($0) }
    var again = Model()
    for move in few { again.play(move) }
    Issue.record(
      """
      seed \(seed), move \(moves.count): \(trouble)
      enough are \(few): \(again.trouble() ?? again.drain() ?? "nothing")
      \(again.trail)
      """)
  }

  @Test("a planted fault is found and shortened to a few moves, none of which can be left out")
  func shrinks() throws {
    // A kernel that never hears that a watchdog is called off.
    let deaf: (Effect) -> Bool = {
      if case .disarm(_, .watchdog) = $0 { true } else { false }
    }
    var generator = SplitMix64(seed: 7)
    let moves = (0..<4000).map { _ in generator.next() }
    let last = try #require(Model.firstFailure(moves, swallows: deaf))
    #expect(last > 20, "the fault lies deep enough for the test to mean something")
    let few = shrink(moves) { Model.firstFailure($0, swallows: deaf) }
    #expect(few.count <= 30, "\(few.count) moves of \(last + 1) are left")
    // The last of them shows it, or the drain after it.
    #expect((Model.firstFailure(few, swallows: deaf) ?? 0) >= few.count - 1)
    for index in few.indices {
      var fewer = few
      fewer.remove(at: index)
      #expect(Model.firstFailure(fewer, swallows: deaf) == nil, "move \(index) could be left out")
    }
    #expect(Model.firstFailure(few) == nil, "without the fault all is well")
  }
}
