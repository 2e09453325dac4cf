// Capability names to bits, before a child exists: the child cannot look anything up.
// Must never guess: an unknown name is an error.

internal import CCap
internal import Glibc

/// The bits of capabilities(7) names such as `net_bind_service` or `cap_net_raw`. Calls `cap_from_name(3)`.
package func capabilityMask(names: [String]) throws(SystemError) -> UInt64 {
  var mask: UInt64 = 0
  for name in names {
    var value: cap_value_t = 0
    let full = name.lowercased().hasPrefix("cap_") ? name : "cap_" + name
    // SAFETY: `value` outlives the call.
    guard unsafe cap_from_name(full, &value) == 0, (0..<64).contains(value) else {
      throw SystemError(
        call: "resolve", number: EINVAL, subject: name, reason: "no such capability")
    }
    mask |= 1 << UInt64(value)
  }
  return mask
}
