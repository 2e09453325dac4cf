// The page's files: the names that were there at the start, each with its type, read from disk when they change.
// Must never make a path from what a client sent.

import Glibc
import NovaHTTP
import NovaLinux

/// Serves the static files.
final class PageFiles {
  private struct File {
    let bytes: [UInt8]
    let tag: String
    let stamp: [Int64]
  }

  /// Every path of the page, the file behind it and its type.
  private let known: [String: (file: String, type: String)]
  private var held: [String: File] = [:]

  init(page: String, charts: String) {
    let html = "text/html; charset=utf-8"
    let script = "text/javascript; charset=utf-8"
    let style = "text/css; charset=utf-8"
    let types = [".js": script, ".css": style, ".svg": "image/svg+xml"]
    var known: [String: (String, String)] = ["/": (page + "/index.html", html)]
    // The names come from the directory, once: nothing that a client sends becomes one.
    for name in (try? Directory.names(in: page)) ?? [] {
      for (ending, type) in types where name.hasSuffix(ending) {
        known["/page/" + name] = (page + "/" + name, type)
      }
    }
    known["/page/chart.js"] = (charts + "/chart.min.js", script)
    self.known = known.mapValues { (file: $0.0, type: $0.1) }
  }

  func has(_ path: String) -> Bool { known[path] != nil }

  func serve(_ exchange: Exchange) {
    guard let (path, type) = known[exchange.request.path].map({ ($0.file, $0.type) }) else {
      return EdgeAnswer.refuse(exchange, 404, "not_found", "there is no such page")
    }
    guard exchange.request.method == "GET" || exchange.request.method == "HEAD" else {
      return EdgeAnswer.refuse(
        exchange, 405, "method_not_allowed", "this can only be read", [("Allow", "GET, HEAD")])
    }
    guard let file = file(path) else {
      return EdgeAnswer.refuse(
        exchange, 404, "not_found",
        "this file of the page is not installed (is libjs-chart.js there, is --page right?)")
    }
    // Asked for again each time, answered 304 while it is the same: an upgrade shows at the next reload.
    let headers = EdgeAnswer.safety + [("Cache-Control", "no-cache"), ("ETag", file.tag)]
    if exchange.request.header("If-None-Match") == file.tag {
      return exchange.respond(304, contentType: "", headers: headers)
    }
    exchange.respond(200, contentType: type, body: file.bytes, headers: headers)
  }

  private func file(_ path: String) -> File? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    let stamp = [
      Int64(status.st_size), Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec),
    ]
    if let file = held[path], file.stamp == stamp { return file }
    guard let bytes = try? FileBytes.read(path, limit: 4 << 20),
      let digest = Crypto.digest(bytes)
    else { return nil }
    let file = File(bytes: bytes, tag: "\"\(Crypto.hex(Array(digest.prefix(12))))\"", stamp: stamp)
    held[path] = file
    return file
  }
}
