// Which addresses are the internet's, by a table of the edges of each range. Must never ask the network.

import NovaHTTP
import Testing

@Suite struct AddressKindTests {
  @Test(
    "what is not public is refused, up to both edges of its range",
    arguments: [
      "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
      "169.254.0.0", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255",
      "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0",
      "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1",
      "255.255.255.255", "::", "::2", "::1.2.3.4", "fc00::1", "fdff::1", "fe80::1", "febf::1",
      "fec0::1", "ff00::1", "ff02::1", "100::1", "64:ff9b:1::1", "2001::1", "2001:db8::1",
      "3fff:fff::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
      "64:ff9b::127.0.0.1", "64:ff9b::192.168.1.1", "2002:7f00:1::", "2002:a00:1::1", "4000::1",
    ])
  func local(text: String) { #expect(AddressKind(numeric: text) == .local) }

  @Test(
    "the internet begins right beside them",
    arguments: [
      "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
      "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
      "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
      "2606:4700::1111", "2001:4860:4860::8888", "2a00::1", "3fff:1000::1", "::ffff:8.8.8.8",
      "64:ff9b::8.8.8.8", "2002:808:808::1",
    ])
  func global(text: String) { #expect(AddressKind(numeric: text) == .global) }

  @Test("this machine", arguments: ["127.0.0.0", "127.0.0.1", "127.255.255.255", "::1"])
  func loopback(text: String) { #expect(AddressKind(numeric: text) == .loopback) }

  @Test(
    "a name is none, nor is a form that only some read as an address",
    arguments: [
      "", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "127.0.0.1.", "127.0.0.256", "[::1]",
      "::1%lo", "fe80::1%eth0",
    ])
  func names(text: String) { #expect(AddressKind(numeric: text) == nil) }

  @Test("bytes of another number lead nowhere", arguments: [0, 1, 3, 5, 15, 17])
  func odd(count: Int) {
    #expect(AddressKind([UInt8](repeating: 8, count: count)) == .local)
  }
}
