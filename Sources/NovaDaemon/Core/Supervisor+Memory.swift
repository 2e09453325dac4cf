// Gives memory back after what needed much of it. Must never do so while workers are being started: MemoryRest says when.

import NovaLinux
import NovaModel

extension Supervisor {
  /// Something large is being made: an answer about everybody, a start of many.
  func grewLarge() {
    if let look = memory.grew(at: Clock.now().instant) { memoryTimer?.arm(at: look) }
  }

  /// A worker is being started.
  func grewByStart() {
    if let look = memory.started(at: Clock.now().instant) { memoryTimer?.arm(at: look) }
  }

  /// Looks whether all is at rest, and gives back what is free then.
  func giveMemoryBack() {
    if let again = memory.look(at: Clock.now().instant) {
      memoryTimer?.arm(at: again)
    } else {
      MemoryRest.giveBack()
    }
  }
}
