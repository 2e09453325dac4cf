// Who may do what: the whole table of uids, groups and cgroups. Must never ask the kernel.

import Testing

@testable import NovaDaemon

@Suite struct AccessRuleTests {
  static let root: UInt32 = 0, own: UInt32 = 700, person: UInt32 = 1000
  static let admins: UInt32 = 50, readers: UInt32 = 60

  struct Row: Sendable, CustomTestStringConvertible {
    let uid: UInt32
    let groups: [UInt32]
    /// The role outside of a worker's group; inside it is always that of a worker.
    let role: Role
    var testDescription: String { "uid \(uid) in \(groups)" }
  }

  static let rows = [
    Row(uid: root, groups: [0], role: .admin), Row(uid: root, groups: [], role: .admin),
    Row(uid: own, groups: [700], role: .admin),
    Row(uid: person, groups: [1000, admins], role: .admin),
    Row(uid: person, groups: [admins, readers], role: .admin),
    Row(uid: person, groups: [1000, readers], role: .reader),
    Row(uid: person, groups: [1000], role: .nobody), Row(uid: person, groups: [], role: .nobody),
    // A gid equal to a uid of ours, and a uid equal to a group of ours, mean nothing.
    Row(uid: person, groups: [0, 700], role: .nobody), Row(uid: admins, groups: [1], role: .nobody),
  ]

  @Test("the table", arguments: rows)
  func table(row: Row) {
    let rule = AccessRule(ownUID: Self.own, adminGroup: Self.admins, readerGroup: Self.readers)
    #expect(rule.role(uid: row.uid, groups: row.groups, isWorker: false) == row.role)
    #expect(rule.role(uid: row.uid, groups: row.groups, isWorker: true) == .worker)
  }

  @Test("where the groups do not exist, root and the supervisor's own user are all there is")
  func noGroups() {
    let rule = AccessRule(ownUID: Self.own, adminGroup: nil, readerGroup: nil)
    for row in Self.rows {
      let expected: Role = row.uid == Self.root || row.uid == Self.own ? .admin : .nobody
      #expect(rule.role(uid: row.uid, groups: row.groups, isWorker: false) == expected)
    }
  }

  @Test("nova-edge may look, and gets the role it asks for; everybody else no more than his own")
  func edge() {
    let edge: UInt32 = 800
    let rule = AccessRule(
      ownUID: Self.own, adminGroup: Self.admins, readerGroup: Self.readers, edgeUID: edge)
    #expect(rule.role(uid: edge, groups: [edge], isWorker: false) == .reader)
    for wanted in [Role.reader, .admin] {
      #expect(rule.role(uid: edge, groups: [], isWorker: false, asking: wanted) == wanted)
      #expect(rule.role(uid: edge, groups: [], isWorker: true, asking: wanted) == .worker)
      for row in Self.rows {
        let role = rule.role(uid: row.uid, groups: row.groups, isWorker: false, asking: wanted)
        #expect(role == min(row.role, wanted))
        #expect(
          rule.role(uid: row.uid, groups: row.groups, isWorker: true, asking: wanted) == .worker)
      }
    }
    #expect(rule.speaksForOthers(uid: edge, isWorker: false))
    #expect(!rule.speaksForOthers(uid: edge, isWorker: true))
    #expect(!rule.speaksForOthers(uid: Self.person, isWorker: false))
    // Where the user does not exist, nobody is it.
    let without = AccessRule(ownUID: Self.own, adminGroup: nil, readerGroup: nil)
    #expect(without.role(uid: edge, groups: [], isWorker: false, asking: .admin) == .nobody)
  }

  @Test("roles are ordered by power")
  func order() {
    #expect(
      [Role.admin, .nobody, .reader, .worker].sorted() == [.nobody, .worker, .reader, .admin])
  }
}
