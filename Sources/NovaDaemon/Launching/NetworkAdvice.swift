// Why a network of its own could not be made: what the errno leaves out. Must never guess: an errno that has several causes
// gets no sentence.

import Glibc

/// Advice for a start that failed at the stage `network`.
enum NetworkAdvice {
  /// The running shim cannot do it at all.
  static let unsupported = ENOTSUP

  /// What to do about it, for people; nil where the errno says all there is to say.
  static func sentence(errno number: Int32) -> String? {
    switch number {
    case EPERM:
      "a network of its own takes CAP_SYS_ADMIN where nova-shim runs: run it as root, or leave"
        + " `security.network: gateway` out"
    case ENOSPC: "the host's limit of network namespaces is reached: see user.max_net_namespaces"
    case EMFILE: "limits.files leaves no room for a socket"
    default: nil
    }
  }
}
