// An open descriptor with exactly one owner. Must never be closed twice or kept as a bare number by two places.

internal import Glibc

/// Owns one open file descriptor and closes it when it goes out of scope.
package struct Descriptor: ~Copyable, Sendable {
  private let number: CInt

  /// Takes ownership of `number`, which must be open and owned by nobody else.
  package init(_ number: CInt) { self.number = number }

  /// The number, for calls made while this value lives.
  package borrowing func raw() -> CInt { number }

  /// Gives the number up: the caller closes it.
  package consuming func take() -> CInt {
    let taken = number
    discard self
    return taken
  }

  /// Closes it and tells what the kernel said. Never repeated: see close(2) on EINTR.
  package consuming func close() throws(SystemError) {
    let taken = take()
    if Glibc.close(taken) != 0, errno != EINTR { throw .last("close", "descriptor \(taken)") }
  }

  /// A second descriptor for the same open file, close-on-exec. Calls `fcntl(F_DUPFD_CLOEXEC)`.
  package borrowing func duplicate() throws(SystemError) -> Descriptor {
    try Descriptor.duplicating(number)
  }

  /// Duplicates a number that somebody else owns, close-on-exec, never below 3.
  package static func duplicating(_ number: CInt) throws(SystemError) -> Descriptor {
    Descriptor(
      try checked("duplicate", "descriptor \(number)") { fcntl(number, F_DUPFD_CLOEXEC, 3) })
  }

  /// /dev/null for reading and writing, close-on-exec. Calls `open(2)`.
  package static func null() throws(SystemError) -> DescriptorBox {
    // SAFETY: the path is a C string for the length of the call.
    DescriptorBox(
      Descriptor(
        try checked("open", "/dev/null") { unsafe open("/dev/null", O_RDWR | O_CLOEXEC) }))
  }

  deinit { _ = Glibc.close(number) }
}

/// A descriptor for copyable places: closed when the last reference goes.
package final class DescriptorBox: Sendable {
  private let descriptor: Descriptor

  /// Takes the descriptor over.
  package init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

  /// The number, valid while the box lives.
  package func raw() -> CInt { descriptor.raw() }

  /// A second, separately owned descriptor for the same open file.
  package func duplicate() throws(SystemError) -> Descriptor { try descriptor.duplicate() }
}

extension DescriptorBox: Equatable {
  /// The same box.
  package static func == (a: DescriptorBox, b: DescriptorBox) -> Bool { a === b }
}
