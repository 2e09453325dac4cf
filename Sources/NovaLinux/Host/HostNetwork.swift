// Interfaces, name service and the way out. Must never contact anybody but the configured name server, never wait more
// than a second, and never call being offline a problem: a fleet may be offline on purpose.

import CNovaSys
import Glibc

extension HostReport {
  static func network(_ source: HostSource) -> [HostRow] {
    var rows: [HostRow] = []
    let addresses = source.isLive ? interfaceAddresses() : [:]
    for name in source.names("/sys/class/net") where name != "lo" {
      let state = source.text("/sys/class/net/\(name)/operstate") ?? "unknown"
      let list = (addresses[name] ?? []).joined(separator: " ")
      rows.append(HostRow("network", name, list.isEmpty ? state : "\(state), \(list)"))
    }
    if rows.isEmpty {
      rows.append(
        HostRow("network", "interfaces", "none but loopback", .warning, fix: "connect a network"))
    }
    let routed = hasDefaultRoute(source)
    rows.append(
      routed
        ? HostRow("network", "default route", "present")
        : HostRow(
          "network", "default route", "absent", .warning,
          fix: "workers reach nothing outside; add a route if they should"))
    let servers = source.table("/etc/resolv.conf")
      .filter { $0.count > 1 && $0[0] == "nameserver" }.map { String($0[1]) }
    guard let first = servers.first else {
      rows.append(
        HostRow(
          "network", "name server", "none configured", .warning,
          fix: "name one in /etc/resolv.conf"))
      return rows
    }
    rows.append(HostRow("network", "name server", servers.joined(separator: " ")))
    if source.isLive {
      rows.append(
        answers(first)
          ? HostRow("network", "name service", "\(first) answers")
          : HostRow(
            "network", "name service", "\(first) does not answer within 1 s", .warning,
            fix: "check the network and /etc/resolv.conf"))
    }
    return rows
  }

  private static func hasDefaultRoute(_ source: HostSource) -> Bool {
    // proc(5): interface, destination, gateway …, mask at 7; all in hexadecimal.
    let v4 = source.table("/proc/net/route").contains {
      $0.count > 7 && $0[1] == "00000000" && $0[7] == "00000000"
    }
    // Destination, its prefix length …, interface at 9; the kernel's own catch-all is on lo.
    let v6 = source.table("/proc/net/ipv6_route").contains {
      $0.count > 9 && $0[1] == "00" && $0[0].allSatisfy { $0 == "0" } && $0[9] != "lo"
    }
    return v4 || v6
  }

  /// Whether a name server answers a question for the root's servers within a second.
  private static func answers(_ address: String) -> Bool {
    let fd = unsafe nova_host_dns_query(address)
    guard fd >= 0 else { return false }
    let socket = Descriptor(fd)
    var wait = pollfd(fd: socket.raw(), events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&wait, 1, 1000) == 1 else { return false }
    var answer = [UInt8](repeating: 0, count: 12)
    // Any answer to our question will do, a refusal too: the id comes back and the response bit is set.
    return unsafe recv(socket.raw(), &answer, 12, 0) == 12 && answer[0] == 0x4e
      && answer[1] == 0x56 && answer[2] & 0x80 != 0
  }

  /// Numeric addresses by interface. Calls `getifaddrs(3)`, `getnameinfo(3)`.
  private static func interfaceAddresses() -> [String: [String]] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&list) == 0 else { return [:] }
    defer { unsafe freeifaddrs(list) }
    var found: [String: [String]] = [:]
    var next = unsafe list
    // SAFETY: the list is libc's until freeifaddrs; names and addresses are copied.
    while let entry = unsafe next {
      defer { unsafe next = entry.pointee.ifa_next }
      guard let address = unsafe entry.pointee.ifa_addr else { continue }
      let family = unsafe CInt(address.pointee.sa_family)
      guard family == AF_INET || family == AF_INET6 else { continue }
      let size =
        family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
      var host = [CChar](repeating: 0, count: 128)
      guard
        unsafe getnameinfo(address, socklen_t(size), &host, 128, nil, 0, NI_NUMERICHOST) == 0
      else { continue }
      let text = String(
        decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      unsafe found[String(cString: entry.pointee.ifa_name), default: []].append(text)
    }
    return found
  }

  static func clock(_ source: HostSource) -> [HostRow] {
    let fix = "enable systemd-timesyncd or chrony; days and schedules follow this clock"
    if source.exists("/run/systemd/timesync/synchronized") {
      return [HostRow("clock", "synchronised", "yes, by systemd-timesyncd")]
    }
    guard source.isLive else {
      return [HostRow("clock", "synchronised", "unknown", .warning, fix: fix)]
    }
    var error: Int64 = 0
    switch unsafe nova_host_clock_synchronised(&error) {
    case 1: return [HostRow("clock", "synchronised", "yes, within \(error) µs")]
    case 0: return [HostRow("clock", "synchronised", "no", .warning, fix: fix)]
    default: return [HostRow("clock", "synchronised", "unknown", .warning, fix: fix)]
    }
  }
}
