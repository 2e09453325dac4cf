// What people read when a check fails. Must never hold what the checked program answered: that may be a secret.

internal import CCurl
internal import Glibc
internal import NovaLinux
internal import NovaModel

/// The sentences of failed checks.
enum ProbeWords {
  /// `check timed out after 3s`.
  static func timedOut(_ timeout: Span) -> String {
    let whole = timeout.wholeMilliseconds
    return "check timed out after " + (whole % 1000 == 0 ? "\(whole / 1000)s" : "\(whole)ms")
  }

  /// An errno in the kernel's words, lower case.
  static func reason(_ number: CInt) -> String { SystemError.text(of: number).lowercased() }

  /// What a transfer's end says: libcurl's code, the HTTP status (0: none), the errno of a failed connect (0: none).
  static func outcome(code: Int32, status: Int32, error: Int32, timeout: Span) -> ProbeOutcome {
    switch CURLcode(UInt32(bitPattern: code)) {
    case CURLE_OK: return judge(status)
    // Our own stop after 64 KiB of body: the status had come before.
    case CURLE_WRITE_ERROR where status != 0: return judge(status)
    case CURLE_OPERATION_TIMEDOUT: return .failed(timedOut(timeout))
    case CURLE_COULDNT_CONNECT where error != 0: return .failed(reason(error))
    default:
      guard let text = unsafe nova_curl_reason(code) else { return .failed("error \(code)") }
      return .failed(unsafe String(cString: text).lowercased())
    }
  }

  private static func judge(_ status: Int32) -> ProbeOutcome {
    (200..<400).contains(status) ? .ok : .failed("status \(status)")
  }
}
