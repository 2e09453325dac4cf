// Log files under real writers: nothing lost, torn or seen twice. Must never leave files outside its directories.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("Log files") struct RotationJobTests {
  private let scratch: ScratchDirectory
  private let path: String

  init() throws {
    scratch = try ScratchDirectory()
    path = scratch.path + "/worker.log"
  }

  private func text(_ path: String) throws -> String {
    let box = try #require(LogStretch.open(path))
    let stretch = try #require(LogStretch.whole(box))
    let count = Int(stretch.to - stretch.from)
    let bytes = try #require(LogSpan.read(box.raw(), at: stretch.from, count: count))
    return String(decoding: bytes, as: UTF8.self)
  }

  private func everything() throws -> String {
    try (LogFile.rotated(path) + [path]).map { try text($0) }.joined()
  }

  /// Runs a whole rotation; nil when there was nothing to do.
  private func rotate(_ path: String, maxSize: UInt64, keep: Int) throws -> RotationJob.Progress? {
    guard var job = try RotationJob.ifNeeded(path, maxSize: maxSize, keep: keep) else { return nil }
    while true {
      let progress = try job.step()
      if progress != .working { return progress }
    }
  }

  private static let numbered =
    #"BEGIN{p="";for(i=0;i<120;i++)p=p "x";for(i=A;i<A+N;i++)printf "%d %s\n",i,substr(p,1,i%113)}"#

  private static func expected(_ count: Int) -> [String] {
    (0..<count).map { "\($0) " + String(repeating: "x", count: $0 % 113) }
  }

  @Test(
    "a log is made for its owner alone and reopened as it is; links and other things are refused")
  func opening() throws {
    do {
      let file = DescriptorBox(
        try LogFile.open(path, owner: (uid: geteuid(), gid: getegid())))
      var info = stat()
      #expect(unsafe fstat(file.raw(), &info) == 0)
      #expect(info.st_mode & 0o7777 & ~0o640 == 0)
      #expect(fcntl(file.raw(), F_GETFL) & O_APPEND != 0)
      #expect(fcntl(file.raw(), F_GETFD) & FD_CLOEXEC != 0)
    }
    unsafe _ = symlink(path, scratch.path + "/link.log")
    #expect(
      throws: SystemError(call: "open log", number: ELOOP, subject: scratch.path + "/link.log")
    ) {
      _ = try LogFile.open(scratch.path + "/link.log")
    }
    unsafe _ = link(path, scratch.path + "/second.log")
    #expect(throws: SystemError(call: "use as log", number: EINVAL, subject: path)) {
      _ = try LogFile.open(path)
    }
    #expect(throws: SystemError.self) { _ = try LogFile.open(scratch.path) }
    unsafe _ = mkfifo(scratch.path + "/fifo.log", 0o600)
    #expect(throws: SystemError.self) { _ = try LogFile.open(scratch.path + "/fifo.log") }
  }

  @Test("a small log and a missing one are left alone")
  func nothingToDo() throws {
    #expect(try rotate(path, maxSize: 10, keep: 3) == nil)
    try scratch.put("worker.log", "0123456789")
    #expect(try rotate(path, maxSize: 10, keep: 3) == nil)
    // Over the limit, but no whole block could be cut off.
    #expect(try rotate(path, maxSize: 9, keep: 3) == .rotated(0))
    #expect(try everything() == "0123456789")
    #expect(try KernelFile.names(in: scratch.path) == ["worker.log"])
  }

  @Test("the cut falls behind a newline where a block ends with one, and keep bounds the parts")
  func wholeLines() throws {
    let line = String(repeating: "y", count: 63) + "\n"
    for round in 0..<5 {
      try scratch.put("worker.log", String(repeating: line, count: 1000))
      #expect(try rotate(path, maxSize: 1000, keep: 3) == .rotated(61_440))
      #expect(LogFile.rotated(path).count == min(round + 1, 3))
    }
    for part in LogFile.rotated(path) { #expect(try text(part).hasSuffix("\n")) }
    #expect(try text(path) == String(repeating: line, count: 40))
    // Fewer are kept from now on.
    try scratch.put("worker.log", String(repeating: line, count: 1000))
    _ = try rotate(path, maxSize: 1000, keep: 1)
    #expect(LogFile.rotated(path).count == 1)
  }

  @Test(
    "under a writer and a follower no line is lost, torn or seen twice",
    arguments: ["/tmp", "/dev/shm"])
  func underWriter(place: String) throws {
    // /dev/shm cannot collapse: there the head becomes a hole.
    let directory = place == "/tmp" ? scratch.path : "\(place)/novatest-\(getpid())-log"
    if place != "/tmp" { unsafe _ = mkdir(directory, 0o700) }
    let path = directory + "/worker.log"
    defer {
      if place != "/tmp" {
        for name in (try? KernelFile.names(in: directory)) ?? [] {
          unsafe _ = unlink(directory + "/" + name)
        }
        unsafe _ = rmdir(directory)
      }
    }
    let count = 60_000
    var follower = LogFollower(path, last: 0)
    let writer = try RealProcess(
      "k=0; while [ $k -lt \(count) ]; do awk -v A=$k -v N=1000 '\(Self.numbered)'; k=$((k+1000)); done >> \(path)"
    )
    var seen: [[UInt8]] = []
    var rotations = 0
    let finished = try eventually {
      if case .rotated(let bytes)? = try rotate(path, maxSize: 200_000, keep: 999), bytes > 0 {
        rotations += 1
      }
      seen += try follower.lines(limit: 50_000)
      return seen.count == count
    }
    #expect(finished)
    #expect(writer.wait() == 0)
    #expect(rotations > 2)
    let gaps = follower.gaps
    #expect(gaps == 0)
    let lines = seen.map { String(decoding: $0, as: UTF8.self) }
    #expect(lines == Self.expected(count))
    let parts = LogFile.rotated(path)
    #expect(parts.count == rotations)
    let all = try (parts + [path]).map { try text($0) }.joined()
    #expect(all == Self.expected(count).joined(separator: "\n") + "\n")
    #expect(
      try LogTail.lines(path, count: 7000).map { String(decoding: $0, as: UTF8.self) }
        == Self.expected(count).suffix(7000))
  }

  @Test("a follower that sleeps through several rotations reads what was cut before it was read")
  func lateFollower() throws {
    try scratch.put("worker.log", "")
    var follower = LogFollower(path, last: 0)
    for round in 0..<3 {
      let writer = try RealProcess("awk -v N=2000 '\(Self.numbered)' >> \(path)")
      #expect(writer.wait() == 0)
      #expect(try rotate(path, maxSize: 1000, keep: 9) != nil, "round \(round)")
    }
    var seen: [String] = []
    while true {
      let lines = try follower.lines()
      if lines.isEmpty { break }
      seen += lines.map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(seen == Self.expected(2000) + Self.expected(2000) + Self.expected(2000))
  }

  @Test(
    "a crash between the copy and the last rename is finished or undone", arguments: [true, false])
  func crash(wasCut: Bool) throws {
    let head = Self.expected(300).joined(separator: "\n") + "\n"
    let rest = "the rest\n"
    try scratch.put("worker.log.0", head)
    try scratch.put("worker.log.1", "older\n")
    try scratch.put("worker.log.rotating", "half a co")
    try scratch.put("worker.log", wasCut ? rest : head + rest)
    #expect(try rotate(path, maxSize: 1 << 20, keep: 3) == nil)
    #expect(try everything() == "older\n" + head + rest)
    #expect(LogFile.rotated(path).count == (wasCut ? 2 : 1))
  }

  @Test(
    "the last lines are counted across parts, an unfinished one included",
    arguments: [
      (0, [] as [String]), (1, ["unfinished"]), (2, ["c", "unfinished"]),
      (3, ["b", "c", "unfinished"]), (9, ["a", "b", "c", "unfinished"]),
    ])
  func tail(count: Int, expected: [String]) throws {
    try scratch.put("worker.log.2", "a\nb")
    try scratch.put("worker.log.1", "\nc\nunf")
    try scratch.put("worker.log", "inished")
    let lines = try LogTail.lines(path, count: count)
    #expect(lines.map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test("of a flood the oldest is given up: a part begins with a hole, and its readers know")
  func flood() throws {
    // 40 MiB where two parts of 1 MiB are to be kept; 16 MiB of slack.
    let line = String(repeating: "z", count: 63) + "\n"
    try scratch.put("worker.log.1", "older\n")
    try scratch.put("worker.log", "the very first line\n")
    var follower = LogFollower(path, last: 0)
    let writer = try RealProcess(
      "i=0; while [ $i -lt 40 ]; do awk 'BEGIN{for(i=0;i<16384;i++)print \"\(line.dropLast())\"}'; i=$((i+1)); done >> \(path)"
    )
    #expect(writer.wait() == 0)
    guard var job = try RotationJob.ifNeeded(path, maxSize: 1 << 20, keep: 2) else {
      Issue.record("it is not over its size")
      return
    }
    while try job.step() == .working {}
    let dropped = job.dropped
    #expect(dropped > 20 << 20)
    #expect(LogFile.rotated(path) == [path + ".1"])
    let part = try #require(LogStretch.open(path + ".1"))
    let held = try #require(LogStretch.whole(part))
    #expect(held.from == dropped)
    #expect(held.to - held.from <= (2 << 20) + RotationJob.slack)
    // What is left is text to the end, and no reader sees the hole.
    var seen = 0
    while true {
      let lines = try follower.lines()
      if lines.isEmpty { break }
      for line in lines { #expect(!line.contains(0)) }
      seen += lines.count
    }
    #expect(follower.gaps > 0)
    #expect(seen * 64 > 17 << 20 && seen * 64 < 20 << 20)
    let last = try LogTail.lines(path, count: 3).map { String(decoding: $0, as: UTF8.self) }
    #expect(last == Array(repeating: String(line.dropLast()), count: 3))
  }

  @Test("a log that is not there has no lines; one that is renamed at the start is followed on")
  func renamed() throws {
    #expect(try LogTail.lines(path, count: 5).isEmpty)
    try scratch.put("worker.log", "one\ntw")
    var follower = LogFollower(path, last: 1)
    try LogFile.renameAtStart(path, keep: 2)
    try scratch.put("worker.log", "o\nthree\n")
    var seen: [String] = []
    while true {
      let lines = try follower.lines()
      let behind = follower.hasBacklog
      if lines.isEmpty, !behind, !seen.isEmpty { break }
      seen += lines.map { String(decoding: $0, as: UTF8.self) }
      if seen.count >= 2 { break }
    }
    #expect(seen == ["two", "three"])
    #expect(LogFile.rotated(path) == [path + ".1"])
  }
}
