// The model at full speed: NovaLifecycle optimized, as many random facts as are asked for. Built by Tests/model/run from the
// files of Tests/NovaLifecycleTests. Must never judge differently than ModelTests does.

import Glibc
import NovaModel

@testable import NovaLifecycle

func say(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  _ = unsafe write(STDOUT_FILENO, bytes, bytes.count)
}

let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
guard arguments.count == 2 else {
  say("usage: model SEED FACTS")
  exit(2)
}
var generator = SplitMix64(seed: arguments[0])
var handled: UInt64 = 0
while handled < arguments[1] {
  // A new world each 50,000 facts, so that what is found can be shortened in seconds.
  var model = Model()
  var moves: [UInt64] = []
  while model.handled < 50_000, model.trouble() == nil {
    moves.append(generator.next())
    model.play(moves[moves.count - 1])
  }
  handled += UInt64(model.handled)
  guard let trouble = model.trouble() ?? model.drain() else { continue }
  say("seed \(arguments[0]), move \(moves.count): \(trouble)")
  let few = shrink(moves) { Model.firstFailure($0) }
  var again = Model()
  for move in few { again.play(move) }
  say("enough are \(few): \(again.trouble() ?? again.drain() ?? "nothing")\n\(again.trail)")
  exit(1)
}
say("\(handled) facts")
