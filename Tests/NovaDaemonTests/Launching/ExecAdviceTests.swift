// What is said beyond the errno of a failed exec, from real files. Must never execute one.

import Glibc
import NovaLinux
import Testing

@testable import NovaDaemon

@Suite struct ExecAdviceTests {
  @Test("a script without its interpreter, a carriage return, no permission, a directory")
  func advice() throws {
    let scratch = try Scratch()
    func file(_ name: String, _ text: String, mode: UInt32 = 0o755) throws -> String {
      let path = scratch.path + "/" + name
      try FileBytes.write(Array(text.utf8), to: path, mode: mode)
      return path
    }
    let lone = try file("lone", "#! /nonexistent/python -u\nprint(1)\n")
    #expect(
      ExecAdvice.sentence(program: lone, errno: ENOENT)
        == "the file is there, its interpreter '/nonexistent/python' is not")
    let dos = try file("dos", "#!/bin/sh\r\necho\r\n")
    #expect(ExecAdvice.sentence(program: dos, errno: ENOENT)?.contains("carriage return") == true)
    let plain = try file("plain", "echo\n", mode: 0o644)
    #expect(ExecAdvice.sentence(program: plain, errno: EACCES) == "it is not executable: chmod +x")
    #expect(ExecAdvice.sentence(program: scratch.path, errno: EACCES) == "it is a directory")
    #expect(ExecAdvice.sentence(program: plain, errno: ENOEXEC)?.contains("#! line") == true)
    #expect(ExecAdvice.sentence(program: "nothing", errno: ENOENT) == "it is not in PATH")
    #expect(ExecAdvice.sentence(program: "/nonexistent/x", errno: ENOENT) == nil)
    #expect(ExecAdvice.sentence(program: "./dos", errno: ENOENT) == nil)
    #expect(ExecAdvice.sentence(program: lone, errno: ENOMEM) == nil)
  }
}
