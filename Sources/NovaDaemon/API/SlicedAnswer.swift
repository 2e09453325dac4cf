// An answer about every instance: a slice a turn, so that ten thousand of them hold up neither an exit nor another question.
// Must never go on when nobody waits for the answer.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

/// An answer that is written slice by slice.
protocol SlicedAnswer: AnyObject {
  /// Who waits for it.
  var exchange: Exchange { get }
  /// Writes some of it, half a millisecond's worth, and with the last of it the answer; true when it is over.
  func step(_ supervisor: Supervisor) -> Bool
}

extension Supervisor {
  /// Answers in slices: what is short at once, what is long in turns of its own.
  func answer(in slices: some SlicedAnswer) throws(APIError) {
    grewLarge()
    if slices.step(self) { return }
    // The timer's body holds both, and ends by letting go of the timer.
    var timer: NovaLinux.Timer?
    timer = try? loop.timer { [weak self] in
      guard let self, slices.exchange.isOpen, !slices.step(self) else { return timer = nil }
      timer?.arm(at: Clock.now().instant)
    }
    guard let timer else {
      throw APIError(.unavailable, "too many requests wait; try again")
    }
    timer.arm(at: Clock.now().instant)
  }
}
