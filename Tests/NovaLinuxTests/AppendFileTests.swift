// A file that only grows: what was appended is in it, also after it was replaced.

import Glibc
import NovaLinux
import Testing

@Suite struct AppendFileTests {
  @Test(
    "appends go on where the file ended, and after a replacement it holds that and what follows")
  func replaced() throws {
    let path = "/tmp/nova-append-\(getpid())"
    defer { unsafe unlink(path) }
    var file = try AppendFile(path)
    try file.append(Array("one\n".utf8))
    try file.append(Array("two\n".utf8))
    #expect(file.size == 8)
    try file.replace(with: Array("rest\n".utf8))
    try file.append(Array("three\n".utf8))
    #expect(file.size == 11)
    #expect(try FileBytes.read(path) == Array("rest\nthree\n".utf8))
    #expect(FileBytes.size(of: path + ".new") == nil)
    var again = try AppendFile(path)
    #expect(again.size == 11)
    try again.append([0x21])
    #expect(try FileBytes.read(path).last == 0x21)
    var info = stat()
    #expect(unsafe stat(path, &info) == 0 && info.st_mode & 0o777 == 0o600)
  }

  @Test("a full disk leaves no half of an append")
  func full() throws {
    #expect(throws: SystemError.self) { _ = try AppendFile("/nonexistent/x") }
    var file = try AppendFile("/dev/full")
    #expect(throws: SystemError.self) { try file.append([1, 2, 3]) }
    #expect(file.size == 0)
  }
}
