// What libmicrohttpd calls back: from its pointers to requests, and from answers to its responses.
// Must never run a user's code other than the handler, nor keep one of the library's pointers past its call.

internal import CMicroHTTPD
internal import Glibc
internal import NovaLinux
internal import NovaModel

extension HTTPServer {
  /// The hooks for C. The owner is not retained: `close` ends the library before the server goes.
  static func callbacks(for owner: UnsafeMutableRawPointer) -> nova_http_hooks {
    // SAFETY: every pointer C hands back is one that we handed to it: the owner, or a retained connection.
    unsafe nova_http_hooks(
      owner: owner,
      opened: { owner, library in
        guard let owner = unsafe owner, let library = unsafe library else { return nil }
        return unsafe HTTPServer.at(owner).opened(library)
      },
      closed: { owner, context in
        guard let owner = unsafe owner, let context = unsafe context else { return }
        unsafe HTTPServer.at(owner).closed(
          Unmanaged<Connection>.fromOpaque(context).takeRetainedValue())
      },
      targeted: { _, context, target in
        guard let context = unsafe context, let target = unsafe target else { return }
        let connection = unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
        let tooLong =
          unsafe strnlen(target, connection.limits.target + 1) > connection.limits.target
        connection.target = tooLong ? nil : unsafe String(cString: target)
      },
      requested: { owner, context, library, method, chunks, data, size in
        guard let owner = unsafe owner, let context = unsafe context, let library = unsafe library,
          let method = unsafe method, let size = unsafe size
        else { return 0 }
        let connection = unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
        let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size.pointee)
        unsafe size.pointee = 0
        connection.speaksChunks = chunks == 1
        return unsafe HTTPServer.at(owner).requested(
          connection, library, method: method, bytes: bytes) ? 1 : 0
      },
      completed: { owner, context, done in
        guard let owner = unsafe owner, let context = unsafe context else { return }
        unsafe HTTPServer.at(owner).completed(
          Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue(), complete: done == 1)
      })
  }

  private static func at(_ owner: UnsafeMutableRawPointer) -> HTTPServer {
    unsafe Unmanaged<HTTPServer>.fromOpaque(owner).takeUnretainedValue()
  }

  private func opened(_ library: OpaquePointer) -> UnsafeMutableRawPointer? {
    guard let seed else { return nil }
    let connection = unsafe Connection(
      descriptor: seed.descriptor, peer: seed.peer, limits: limits, loop: loop, library: library,
      now: Clock.now().instant, soon: { [weak self] in self?.runSoon() },
      later: { [weak self] in self?.afterwards.append($0) })
    connections[seed.descriptor] = connection
    connectionsOfPeer[seed.peer.quota, default: 0] += 1
    return unsafe Unmanaged.passRetained(connection).toOpaque()
  }

  private func closed(_ connection: Connection) {
    release(connection)
    connection.reset(now: Clock.now().instant)
    connections[connection.descriptor] = nil
    let left = connectionsOfPeer[connection.peer.quota, default: 1] - 1
    connectionsOfPeer[connection.peer.quota] = left > 0 ? left : nil
  }

  private func completed(_ connection: Connection, complete: Bool) {
    if let call = connection.exchange?.finish(complete: complete) { afterwards.append(call) }
    release(connection)
    connection.reset(now: Clock.now().instant)
  }

  /// Its body is not held any more.
  private func release(_ connection: Connection) {
    bodyBytes -= connection.heldBytes
    connection.heldBytes = 0
  }

  private func requested(
    _ connection: Connection, _ library: OpaquePointer, method: UnsafePointer<CChar>,
    bytes: UnsafeRawBufferPointer
  ) -> Bool {
    if let exchange = connection.exchange { return unsafe settle(exchange, connection, library) }
    guard connection.draft != nil else {
      return unsafe begin(connection, library, method: String(cString: method))
    }
    if unsafe bytes.isEmpty { return unsafe deliver(connection, library) }
    return unsafe absorb(bytes, connection)
  }

  /// The headers are there. What can be refused now is, before its body is read.
  private func begin(_ connection: Connection, _ library: OpaquePointer, method: String) -> Bool {
    var headers: [(name: String, value: String)] = []
    unsafe withUnsafeMutablePointer(to: &headers) { list in
      unsafe nova_http_headers(library, list) { list, name, value in
        guard let list = unsafe list, let name = unsafe name, let value = unsafe value else {
          return
        }
        unsafe list.assumingMemoryBound(to: [(name: String, value: String)].self).pointee.append(
          (name: String(cString: name), value: String(cString: value)))
      }
    }
    func refuse(_ status: Int, _ code: String, _ text: String, _ more: [(String, String)] = [])
      -> Bool
    {
      connection.phase = .answering
      return unsafe queue(
        library, status: status, contentType: "application/json",
        body: Exchange.failure(code, text), headers: more)
    }
    guard let raw = connection.target else {
      return refuse(414, "too_large", "the address is longer than \(limits.target) bytes")
    }
    guard let target = RequestTarget(raw) else {
      return refuse(400, "bad_request", "the address cannot be decoded")
    }
    guard HTTPServer.methods.contains(method) else {
      let allowed = HTTPServer.methods.joined(separator: ", ")
      return refuse(405, "method_not_allowed", "no such method", [("Allow", allowed)])
    }
    let announced = headers.first { $0.name.lowercased() == "content-length" }?.value
    let most = limits.body(of: target.path)
    if let announced, UInt64(announced).map({ $0 > UInt64(most) }) ?? true {
      return refuse(413, "too_large", "the body is longer than \(most) bytes")
    }
    connection.draft = Connection.Draft(method: method, target: target, headers: headers)
    return true
  }

  private static let methods = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE",
  ]

  private func absorb(_ bytes: UnsafeRawBufferPointer, _ connection: Connection) -> Bool {
    // Not the draft itself: a second owner of the body would have each piece copy all of it.
    guard let held = connection.draft?.body.count, let path = connection.draft?.target.path else {
      return false
    }
    bodyBytes += bytes.count
    connection.heldBytes += bytes.count
    guard bodyBytes <= limits.heldBodies else { return false }
    let most = limits.body(of: path)
    let room = min(bytes.count, most - held)
    unsafe connection.draft?.body.append(contentsOf: bytes[..<room])
    connection.draft?.dropped += bytes.count - room
    // The library answers only after the whole body, so a chunked one that is too long is read on and dropped for
    // as much again; who then still sends is cut off.
    return (connection.draft?.dropped ?? 0) <= most
  }

  private func deliver(_ connection: Connection, _ library: OpaquePointer) -> Bool {
    guard let draft = connection.draft else { return false }
    connection.phase = .answering
    let exchange = Exchange(
      request: HTTPRequest(
        method: draft.method, path: draft.target.path, target: connection.target ?? "",
        query: draft.target.query,
        headers: draft.headers, body: draft.body, peer: connection.peer),
      connection: connection)
    connection.draft = nil
    connection.exchange = exchange
    if draft.dropped > 0 {
      exchange.respond(
        413,
        body: Exchange.failure(
          "too_large", "the body is longer than \(limits.body(of: draft.target.path)) bytes"),
        headers: [("Connection", "close")])
    } else if isClosing {
      // Nobody would answer it any more, and the library may not be stopped while somebody waits.
      exchange.conclude()
    } else {
      handler(exchange)
    }
    return unsafe settle(exchange, connection, library)
  }

  /// Queues the answer if there is one, else leaves the socket alone until there is.
  private func settle(_ exchange: Exchange, _ connection: Connection, _ library: OpaquePointer)
    -> Bool
  {
    guard exchange.isOpen else { return false }
    switch exchange.answer {
    case .none:
      connection.suspend()
      return true
    case .whole(let status, let contentType, let body, let headers):
      return unsafe queue(
        library, status: status, contentType: contentType, body: body, headers: headers)
    case .stream(let status, let contentType, let headers):
      let object = unsafe Unmanaged.passRetained(exchange).toOpaque()
      let response = unsafe nova_http_stream(
        limits.streamBlock,
        { object, _, room, count in
          guard let object = unsafe object, let room = unsafe room else { return nova_http_break() }
          let exchange = unsafe Unmanaged<Exchange>.fromOpaque(object).takeUnretainedValue()
          switch unsafe exchange.fill(UnsafeMutableRawBufferPointer(start: room, count: count)) {
          case .bytes(let written): return written
          case .nothingYet:
            // Answering 0 without suspending would have the library ask again at once, for ever.
            exchange.wait()
            return 0
          case .end: return nova_http_end()
          case .broken: return nova_http_break()
          }
        }, object,
        { object in
          guard let object = unsafe object else { return }
          unsafe Unmanaged<Exchange>.fromOpaque(object).release()
        })
      guard let response = unsafe response else {
        unsafe Unmanaged<Exchange>.fromOpaque(object).release()
        return false
      }
      return unsafe finish(
        library, response, status: status, contentType: contentType, headers: headers)
    }
  }

  private func queue(
    _ library: OpaquePointer, status: Int, contentType: String, body: [UInt8],
    headers: [(String, String)]
  ) -> Bool {
    let response =
      body.count > HTTPServer.block
      ? unsafe large(body)
      : unsafe body.withUnsafeBytes { unsafe nova_http_whole($0.baseAddress, $0.count) }
    guard let response = unsafe response else { return false }
    return unsafe finish(
      library, response, status: status, contentType: contentType, headers: headers)
  }

  /// A body that is handed over a block at a time: a second copy of ten megabytes would cost as much as making them.
  private func large(_ bytes: [UInt8]) -> OpaquePointer? {
    let object = unsafe Unmanaged.passRetained(Body(bytes)).toOpaque()
    let response = unsafe nova_http_sized(
      UInt64(bytes.count), HTTPServer.block,
      { object, position, room, count in
        guard let object = unsafe object, let room = unsafe room else { return nova_http_break() }
        let body = unsafe Unmanaged<Body>.fromOpaque(object).takeUnretainedValue()
        return unsafe body.fill(
          UnsafeMutableRawBufferPointer(start: room, count: count), from: position)
      }, object,
      { object in
        guard let object = unsafe object else { return }
        unsafe Unmanaged<Body>.fromOpaque(object).release()
      })
    if unsafe response == nil { unsafe Unmanaged<Body>.fromOpaque(object).release() }
    return unsafe response
  }

  private func finish(
    _ library: OpaquePointer, _ response: OpaquePointer, status: Int, contentType: String,
    headers: [(String, String)]
  ) -> Bool {
    // A header with a line break in it is refused by the library and left out: nothing can be smuggled in.
    if !contentType.isEmpty {
      _ = unsafe nova_http_add_header(response, "Content-Type", contentType)
    }
    for (name, value) in headers { _ = unsafe nova_http_add_header(response, name, value) }
    return unsafe nova_http_queue(library, CUnsignedInt(clamping: status), response) == 1
  }
}

/// The bytes of a large answer, kept until the library lets go of it.
private final class Body {
  private let bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Copies what is there from `position` on; how much.
  func fill(_ room: UnsafeMutableRawBufferPointer, from position: UInt64) -> Int {
    let start = Int(clamping: position)
    let count = min(room.count, bytes.count - start)
    guard count > 0 else { return nova_http_break() }
    unsafe bytes.withUnsafeBytes { all in
      unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[start..<start + count]))
    }
    return count
  }
}
