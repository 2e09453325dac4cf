// The keys by which the gateway knows who calls: one a worker, made from a secret of the state directory and the worker's
// name, so that they are the same after every restart and nothing has to be kept of each.
// Must never show a key, nor let one be told from another.

import Glibc
import NovaLedger
package import NovaLinux
package import NovaModel

/// What keys are made of.
package struct GatewayKeys: Sendable {
  private let secret: [UInt8]

  // As long as the digest: guessing it is as hard as guessing a key of 2^128 twice over.
  private static let length = 32

  /// Keys of a known secret.
  package init(secret: [UInt8]) { self.secret = secret }

  /// Reads the secret, or makes one where there is none: mode 0600, on the disk before it is used.
  package static func open(_ path: String) throws(SystemError) -> GatewayKeys {
    do throws(SystemError) {
      let found = try FileBytes.read(path, limit: length + 1)
      // Cut short or not ours: keys of it would be guessed.
      guard found.count == length else {
        throw SystemError(call: "use", number: EINVAL, subject: path)
      }
      return GatewayKeys(secret: found)
    } catch {
      guard error.isAbsent else { throw error }
    }
    var random = SystemRandomNumberGenerator()
    let fresh = (0..<length).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
    try FileBytes.write(fresh, to: path, mode: 0o600)
    return GatewayKeys(secret: fresh)
  }

  /// A worker's key: `nova-NAME-` and 32 hexadecimal digits.
  package func key(of worker: WorkerName) -> String {
    let digest = Digest.sha256(secret, Array(worker.text.utf8))
    // Half of a digest says nothing of what a longer name would have.
    return "nova-\(worker.text)-\(Digest.hex(digest.prefix(16)))"
  }

  /// What nova-edge knows it by.
  package func hash(of worker: WorkerName) -> String {
    Digest.hex(Digest.sha256(Array(key(of: worker).utf8)))
  }
}
