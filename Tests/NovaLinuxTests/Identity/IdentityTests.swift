// Peers, cgroups of processes, users and groups. Must never depend on accounts other than root.

import Glibc
import Testing

@testable import NovaLinux

@Suite("Identity") struct IdentityTests {
  @Test("the peer of a socket pair is this process with its groups")
  func peer() throws {
    var ends: [CInt] = [0, 0]
    #expect(unsafe socketpair(AF_UNIX, 1, 0, &ends) == 0)
    let one = DescriptorBox(Descriptor(ends[0]))
    let two = DescriptorBox(Descriptor(ends[1]))
    let peer = try PeerIdentity.of(socket: one.raw())
    #expect(peer.pid == getpid())
    #expect(peer.uid == geteuid())
    #expect(peer.gid == getegid())
    var own = [gid_t](repeating: 0, count: 1000)
    let count = unsafe getgroups(1000, &own)
    #expect(Set(peer.groups ?? []) == Set(own.prefix(Int(count))))
    #expect(peer.isMember(of: getegid()))
    #expect(!PeerIdentity(pid: 1, uid: 0, gid: 0, groups: nil).isMember(of: 7))
    #expect(PeerIdentity(pid: 1, uid: 0, gid: 0, groups: [7]).isMember(of: 7))
    _ = two.raw()
  }

  @Test("what is no connected Unix socket has no peer")
  func noPeer() throws {
    var ends: [CInt] = [0, 0]
    #expect(unsafe pipe(&ends) == 0)
    let one = DescriptorBox(Descriptor(ends[0]))
    let two = DescriptorBox(Descriptor(ends[1]))
    #expect(throws: SystemError.self) { try PeerIdentity.of(socket: one.raw()) }
    _ = two.raw()
  }

  @Test("the cgroup of a process is its line of version 2")
  func cgroup() throws {
    let scratch = try ScratchDirectory()
    try scratch.put("7/cgroup", "12:pids:/x\n0::/nova.slice/w-a-1\n")
    try scratch.put("8/cgroup", "12:pids:/x\n")
    #expect(PeerIdentity.cgroupPath(ofPid: 7, proc: scratch.path) == "/nova.slice/w-a-1")
    #expect(PeerIdentity.cgroupPath(ofPid: 8, proc: scratch.path) == nil)
    #expect(PeerIdentity.cgroupPath(ofPid: 9, proc: scratch.path) == nil)
  }

  @Test("root is found by name and by number; a name nobody has is nil, not an error")
  func users() throws {
    let root = try #require(try UserLookup.user("root"))
    #expect(root.uid == 0)
    #expect(root.home == "/root")
    #expect(root.groups.contains(0))
    #expect(try UserLookup.user("0") == root)
    #expect(try UserLookup.user("novatest-nobody-has-this") == nil)
    #expect(try UserLookup.user("") == nil)
    #expect(try UserLookup.group("root") == 0)
    #expect(try UserLookup.group("4242") == 4242)
    #expect(try UserLookup.group("novatest-nobody-has-this") == nil)
  }
}
