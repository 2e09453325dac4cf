// The edge's own secrets: systemd credentials first, then its file of NAME=value lines. Read when they are needed, so
// that a change counts at once. Must never be logged, sent to the supervisor or put into an argument.

import Glibc
import NovaLinux
import NovaWire

/// Where secrets are.
struct Secrets {
  /// `$CREDENTIALS_DIRECTORY`, where systemd puts what LoadCredential= names.
  let credentials: String?
  /// `/etc/nova/edge.env`: mode 0640, group nova-edge.
  let file: String

  /// The value of that name; nil when it is nowhere. Final newlines are not part of it.
  func value(_ name: String) -> String? {
    if let credentials, !name.contains("/"),
      let bytes = try? FileBytes.read(credentials + "/" + name, limit: 1 << 16)
    {
      var text = String(decoding: bytes, as: UTF8.self)[...]
      while text.last?.isNewline == true { text.removeLast() }
      return String(text)
    }
    return all()[name]
  }

  /// Everything of the file.
  func all() -> [String: String] {
    guard let bytes = try? FileBytes.read(file, limit: 1 << 20),
      case .success(let pairs) = EnvironmentFile.parse(bytes, path: file)
    else { return [:] }
    return pairs
  }

  /// What is wrong with the file, for people; nil when it is absent or good. Never a line of it.
  var problem: String? {
    var status = stat()
    guard unsafe stat(file, &status) == 0 else { return nil }
    if status.st_mode & 0o007 != 0 {
      return "the file of secrets \(file) can be read by everybody (chmod 640 \(file))"
    }
    guard let bytes = try? FileBytes.read(file, limit: 1 << 20) else {
      return "the file of secrets \(file) cannot be read by the user of nova-edge"
    }
    if case .failure(let problem) = EnvironmentFile.parse(bytes, path: file) {
      return problem.description
    }
    return nil
  }
}
