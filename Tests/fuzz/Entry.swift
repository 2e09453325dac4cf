// Where libFuzzer comes in. The target is named by NOVA_FUZZ_TARGET, so that one program holds all of them.
// Must never keep anything of one input for the next.

import Glibc

private let target: Target = {
  guard let name = unsafe getenv("NOVA_FUZZ_TARGET"),
    let target = Target(rawValue: unsafe String(cString: name))
  else {
    preconditionFailure("NOVA_FUZZ_TARGET must name one of \(Target.allCases.map(\.rawValue))")
  }
  return target
}()

/// One input. Called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // SAFETY: libFuzzer's bytes, copied before anything else.
  target.run(unsafe Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
