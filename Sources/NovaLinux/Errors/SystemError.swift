// The one error of this room: a call the kernel refused, why, and about what.
// Must never be built after another call has run: errno belongs to the statement it was read in.

internal import Glibc
package import NovaModel

/// A failed system or library call.
package struct SystemError: Error, Sendable, Hashable {
  /// The call, such as `openat` or `clone3`.
  package let call: String
  /// The errno value, positive.
  package let number: Int32
  /// The file, worker or address it was about.
  package let subject: String
  /// Says more than the errno's own sentence, and takes its place for people; nil mostly.
  package let reason: String?

  /// Describes a failed call.
  package init(call: String, number: Int32, subject: String, reason: String? = nil) {
    self.call = call
    self.number = number
    self.subject = subject
    self.reason = reason
  }

  /// Reads errno; the failed call must be the statement before.
  package static func last(_ call: String, _ subject: String) -> SystemError {
    SystemError(call: call, number: errno, subject: subject)
  }

  /// What was looked for is not there.
  package static func absent(_ call: String, _ subject: String) -> SystemError {
    SystemError(call: call, number: ENOENT, subject: subject)
  }

  /// ENOENT: what was looked for is not there.
  package var isAbsent: Bool { number == ENOENT }

  /// For people: `cannot openat /run/nova: Permission denied`.
  package var message: String {
    "cannot \(call)\(subject.isEmpty ? "" : " " + subject): \(reason ?? Self.text(of: number))"
  }

  /// The same as a value that the pure rooms may carry.
  package var fault: Fault { Fault(call: call, number: number, subject: subject) }

  /// The kernel's sentence for an errno value, such as `No such file or directory`. Calls `strerror(3)`.
  package static func text(of number: Int32) -> String {
    // SAFETY: glibc 2.32 and later keep the text in static or thread-local storage; it is copied at once.
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
  }
}

/// Runs a call that answers -1 and errno on failure, again after EINTR.
@inline(never)
package func checked(
  _ call: String, _ subject: @autoclosure () -> String, _ body: () -> CInt
) throws(SystemError) -> CInt {
  while true {
    let result = body()
    if result >= 0 { return result }
    let number = errno
    if number != EINTR { throw SystemError(call: call, number: number, subject: subject()) }
  }
}
