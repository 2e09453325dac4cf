// The parsers of the kernel's text files, case by case, broken input included.
// Must never need a kernel that has the file in question.

import NovaModel
import Testing

@testable import NovaLinux

@Suite("The kernel's text files") struct KernelTextTests {
  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test(
    "a flat keyed file gives the number of a key, or nil for what is not a number",
    arguments: [
      ("usage_usec 42\nuser_usec 40\n", "usage_usec", 42 as UInt64?),
      ("usage_usec 42\nuser_usec 40\n", "user_usec", 40),
      ("usage_usec 42\nuser_usec 40", "user_usec", 40),
      ("usage_usec 42\n", "usage", nil),
      ("xusage_usec 42\n", "usage_usec", nil),
      ("usage_usec max\n", "usage_usec", nil),
      ("usage_usec \n", "usage_usec", nil),
      ("usage_usec", "usage_usec", nil),
      ("usage_usec -1\n", "usage_usec", nil),
      ("usage_usec 4 2\n", "usage_usec", nil),
      ("usage_usec 18446744073709551615\n", "usage_usec", .max),
      ("usage_usec 18446744073709551616\n", "usage_usec", nil),
      ("", "usage_usec", nil),
      ("low 0\nhigh 0\nmax 7\noom 1\noom_kill 3\noom_group_kill 1\n", "oom_kill", 3),
      ("anon 1\nactive_file 2\ninactive_file 8192\n", "inactive_file", 8192),
    ])
  func flatKeyed(text: String, key: String, expected: UInt64?) {
    let found = KernelText.value(of: bytes(key), in: bytes(text).span)
    #expect(found == expected)
  }

  @Test(
    "a file of one number is that number; max, emptiness and noise are unknown",
    arguments: [
      ("4096\n", 4096 as UInt64?), ("0\n", 0), ("7", 7), ("max\n", nil), ("", nil), ("\n", nil),
      ("12x\n", nil), ("99999999999999999999\n", nil),
    ])
  func single(text: String, expected: UInt64?) {
    let found = KernelText.single(bytes(text).span)
    #expect(found == expected)
  }

  @Test(
    "io.stat is summed over devices; a device without figures adds nothing, a broken one spoils it",
    arguments: [
      ("8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n", [10, 20] as [UInt64]?),
      ("8:0 rbytes=10 wbytes=20 rios=1\n253:1 rbytes=5 wbytes=1 rios=1\n", [15, 21]),
      ("8:0 \n253:1 rbytes=5 wbytes=1\n", [5, 1]),
      ("", [0, 0]),
      ("8:0 rbytes=x wbytes=20\n", nil),
      ("8:0 rbytes= wbytes=20\n", nil),
      ("8:0 rbytes=18446744073709551615\n8:1 rbytes=1\n", nil),
    ])
  func io(text: String, expected: [UInt64]?) {
    let found = KernelText.ioBytes(bytes(text).span).map { [$0.read, $0.write] }
    #expect(found == expected)
  }

  @Test(
    "pressure is some avg10 in hundredths of a percent",
    arguments: [
      ("some avg10=0.00 avg60=0.41 avg300=0.36 total=7\nfull avg10=9.00\n", 0 as UInt32?),
      ("some avg10=12.34 avg60=0.41\n", 1234), ("some avg10=100.00 avg60=1\n", 10_000),
      ("full avg10=12.34 avg60=0.41\n", nil), ("some avg10=.34 avg60\n", nil),
      ("some avg10=100.01 avg60=1\n", nil), ("some avg10=12", nil), ("some avg10=12.3", nil),
      ("some avg10=99999.00 a", nil), ("", nil),
    ])
  func pressure(text: String, expected: UInt32?) {
    let found = KernelText.pressure(bytes(text).span)
    #expect(found == expected)
  }

  @Test(
    "process ids are read line by line; what is none is left out",
    arguments: [
      ("1\n22\n333\n", [1, 22, 333] as [Int32]), ("", []), ("0\n5\n", [5]), ("5", [5]),
      ("x\n5\n", [5]), ("4294967296\n5\n", [5]), ("-3\n", []),
    ])
  func processes(text: String, expected: [Int32]) {
    let found = KernelText.processIDs(bytes(text).span)
    #expect(found == expected)
  }

  @Test(
    "a group's name tells its instance",
    arguments: [
      ("w-outreach-1", "outreach@1" as String?), ("w-a-b-12", "a-b@12"), ("w-a", nil),
      ("w-a-1.77", "a@1"), ("w-a-1.", nil), ("w-a-1.x", nil), ("w-a-1.07", nil), ("w-a-1.7.7", nil),
      ("w--1", nil), ("x-a-1", nil), ("w-a-0", nil), ("w-A-1", nil), ("w-a-", nil), ("w-", nil),
      ("", nil),
    ])
  func names(name: String, expected: String?) {
    #expect(CgroupTree.instance(ofGroup: name)?.description == expected)
  }
}
