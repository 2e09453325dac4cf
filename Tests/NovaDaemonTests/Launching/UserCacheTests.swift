// Names to numbers through a name service that the test plays. Must never depend on this host's accounts.

import Glibc
import NovaModel
import Testing

@testable import NovaDaemon
@testable import NovaLinux

@Suite struct UserCacheTests {
  /// Accounts, and how often they were asked for.
  final class NameService {
    var users: [String: UserAccount] = [:]
    var groups: [String: UInt32] = ["adm": 4, "nova": 990]
    /// The account that cannot be looked up, as when a directory server is away and /etc/passwd is not.
    var failure: SystemError?
    var questions = 0

    init() {
      add("root", 0, [0])
      add("nova-worker", 991, [991, 990])
      add("mail", 8, [8])
    }

    func add(_ name: String, _ uid: UInt32, _ groups: [UInt32]) {
      let account = UserAccount(
        name: name, uid: uid, gid: uid, home: "/home/" + name, shell: "/bin/sh", groups: groups)
      users[name] = account
      users[String(uid)] = account
    }

    func cache(ownUID: UInt32 = 0) -> UserCache {
      UserCache(
        ownUID: ownUID,
        findUser: { (name) throws(SystemError) in
          self.questions += 1
          if let failure = self.failure, failure.subject == name { throw failure }
          return self.users[name]
        }, findGroup: { self.groups[$0] })
    }
  }

  private func spec(_ change: (inout WorkerSpec.Identity) -> Void = { _ in }) throws -> WorkerSpec {
    var spec = WorkerSpec(name: try #require(WorkerName("a")), command: .shell("true"))
    change(&spec.identity)
    return spec
  }

  @Test("a configured user, with its group and groups changed where they are said")
  func configured() throws {
    var cache = NameService().cache()
    let plain = try cache.identity(of: spec { $0.user = "mail" }) { _ in }
    #expect(plain.uid == 8 && plain.gid == 8 && plain.groups == [8])
    #expect(plain.name == "mail" && plain.home == "/home/mail" && plain.shell == "/bin/sh")
    let changed = try cache.identity(
      of: spec {
        $0.user = "mail"
        $0.group = "adm"
        $0.supplementaryGroups = ["nova", "nova"]
      }
    ) { _ in }
    #expect(changed.uid == 8 && changed.gid == 4)
    #expect(changed.groups == [8, 990])
    #expect(try cache.identity(of: spec { $0.user = "8" }) { _ in }.name == "mail")
  }

  @Test("without one it is nova-worker, and root with a warning only where that user is absent")
  func usual() throws {
    let service = NameService()
    var warnings: [String] = []
    var cache = service.cache()
    #expect(try cache.identity(of: spec()) { warnings.append($0) }.uid == 991)
    #expect(warnings.isEmpty)
    service.users["nova-worker"] = nil
    cache.forget()
    for _ in 0..<3 {
      #expect(try cache.identity(of: spec()) { warnings.append($0) }.uid == 0)
    }
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("novasup setup") == true)
    #expect(try cache.identity(of: spec { $0.user = "root" }) { warnings.append($0) }.uid == 0)
    #expect(warnings.count == 1)
  }

  @Test("a name service that fails never makes a worker root")
  func failing() throws {
    let service = NameService()
    let failure = SystemError(call: "look up user", number: EIO, subject: "nova-worker")
    service.failure = failure
    var cache = service.cache()
    let spec = try spec()
    #expect(throws: failure) { try cache.identity(of: spec) { _ in } }
    // What failed is not remembered.
    service.failure = nil
    #expect(try cache.identity(of: spec) { _ in }.uid == 991)
  }

  @Test(
    "a name that is not there is an error that says it",
    arguments: [("find user", "ghost", nil), ("find group", "ghosts", "ghosts")]
      as [(String, String, String?)])
  func absent(call: String, subject: String, group: String?) throws {
    var cache = NameService().cache()
    let spec = try spec {
      $0.user = group == nil ? "ghost" : "mail"
      $0.group = group
    }
    #expect(throws: SystemError(call: call, number: ENOENT, subject: subject)) {
      try cache.identity(of: spec) { _ in }
    }
  }

  @Test("a supervisor that is not root runs workers as itself, known to the name service or not")
  func ourselves() throws {
    let service = NameService()
    var cache = service.cache(ownUID: 8)
    let own = try cache.identity(of: spec()) { _ in }
    #expect(own.uid == 8 && own.name == "mail")
    var stranger = service.cache(ownUID: 4242)
    let unknown = try stranger.identity(of: spec()) { _ in }
    #expect(unknown.uid == 4242 && unknown.name == nil && unknown.home == nil)
  }

  @Test("the name service is asked once a name until the next reload")
  func remembered() throws {
    let service = NameService()
    var cache = service.cache()
    let spec = try spec { $0.user = "mail" }
    for _ in 0..<5 { _ = try cache.identity(of: spec) { _ in } }
    #expect(service.questions == 1)
    #expect(cache.groups(ofUID: 991, gid: 7) == [991, 990, 7])
    #expect(cache.groups(ofUID: 991, gid: 8) == [991, 990, 8])
    #expect(service.questions == 2)
    #expect(cache.groups(ofUID: 4242, gid: 4242) == [4242])
    cache.forget()
    _ = try cache.identity(of: spec) { _ in }
    #expect(service.questions == 4)
  }
}
