// Secrets as files: whose they are, who may read them, and what is left when one is missing.
// Must never use a real secret.

import Glibc
import NovaLinux
import NovaModel
import Testing

@testable import NovaDaemon

@Suite struct CredentialsTests {
  private let scratch: Scratch
  private let id: InstanceID
  private let own: String

  init() throws {
    scratch = try Scratch()
    id = try #require(InstanceID("mail@1"))
    own = scratch.path + "/systemd"
    try scratch.put("systemd/STRIPE_API_KEY", "from systemd\n")
  }

  private func credentials(own: String?, _ environment: [String: String] = [:]) -> Credentials {
    Credentials(
      root: scratch.path + "/credentials", ownDirectory: own, environment: environment)
  }

  private func mode(_ path: String) throws -> (bits: mode_t, uid: uid_t, gid: gid_t) {
    var info = stat()
    try #require(unsafe stat(path, &info) == 0)
    return (info.st_mode & 0o7777, info.st_uid, info.st_gid)
  }

  private func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  @Test("no secrets, no directory")
  func none() throws {
    let credentials = credentials(own: own)
    #expect(try credentials.install([], for: id, uid: getuid(), gid: getgid()) == nil)
    #expect(!exists(credentials.root))
  }

  @Test(
    "each is a file that its owner alone may read, byte for byte; systemd's comes before nova.env's"
  )
  func installed() throws {
    let credentials = credentials(own: own, ["STRIPE_API_KEY": "from nova.env", "TOKEN": "a=b\nc"])
    let directory = try #require(
      try credentials.install(["STRIPE_API_KEY", "TOKEN"], for: id, uid: getuid(), gid: getgid()))
    #expect(directory == credentials.directory(of: id))
    #expect(try mode(directory).bits == 0o500)
    #expect(try Directory.names(in: directory) == ["STRIPE_API_KEY", "TOKEN"])
    for (name, text) in [("STRIPE_API_KEY", "from systemd\n"), ("TOKEN", "a=b\nc")] {
      #expect(try FileBytes.read(directory + "/" + name, limit: 100) == Array(text.utf8))
      #expect(try mode(directory + "/" + name).bits == 0o400)
    }
  }

  @Test("a root supervisor gives them to the worker", .enabled(if: geteuid() == 0, "needs root"))
  func owner() throws {
    let credentials = credentials(own: nil, ["TOKEN": "x"])
    let directory = try #require(
      try credentials.install(["TOKEN"], for: id, uid: 65_534, gid: 65_533))
    for path in [directory, directory + "/TOKEN"] {
      let found = try mode(path)
      #expect(found.uid == 65_534)
      #expect(found.gid == 65_533)
    }
    credentials.remove(for: id)
    #expect(!exists(directory))
  }

  @Test("a secret that nobody holds is named, and nothing of the others is left")
  func missing() throws {
    let credentials = credentials(own: own, ["TOKEN": "x"])
    #expect(throws: SystemError(call: "find secret", number: ENOENT, subject: "ABSENT")) {
      try credentials.install(
        ["STRIPE_API_KEY", "TOKEN", "ABSENT"], for: id, uid: getuid(), gid: getgid())
    }
    #expect(!exists(credentials.directory(of: id)))
  }

  @Test("what cannot be read of systemd's is an error, not a reason to look elsewhere")
  func unreadable() throws {
    try scratch.put("systemd/TOKEN/inner", "")
    let credentials = credentials(own: own, ["TOKEN": "from nova.env"])
    #expect(throws: SystemError(call: "read", number: EISDIR, subject: own + "/TOKEN")) {
      try credentials.install(["TOKEN"], for: id, uid: getuid(), gid: getgid())
    }
  }

  @Test("the next life finds its own secrets alone, and removing twice is harmless")
  func again() throws {
    let credentials = credentials(own: nil, ["OLD": "1", "NEW": "2"])
    _ = try credentials.install(["OLD"], for: id, uid: getuid(), gid: getgid())
    let directory = try #require(
      try credentials.install(["NEW"], for: id, uid: getuid(), gid: getgid()))
    #expect(try Directory.names(in: directory) == ["NEW"])
    let other = try #require(InstanceID("mail@2"))
    _ = try credentials.install(["OLD"], for: other, uid: getuid(), gid: getgid())
    credentials.remove(for: id)
    credentials.remove(for: id)
    #expect(!exists(directory))
    #expect(exists(credentials.directory(of: other)))
  }
}
