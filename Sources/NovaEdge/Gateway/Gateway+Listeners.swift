// Workers in networks of their own: each has a listener in there, and who connects to it is that worker, whatever key it brings.
// Must never serve a life that has ended.

import NovaHTTP
import NovaLinux
import NovaModel

extension Gateway {
  /// Follows what the supervisor hands over, from the first configuration with a gateway on.
  func followListeners() {
    guard !isFollowing else { return }
    isFollowing = true
    listeners.onTrouble = { [weak self] in self?.onTrouble?($0) }
    listeners.onListener = { [weak self] worker, instance, incarnation, descriptor in
      self?.serve(worker, instance, incarnation, descriptor)
    }
    listeners.onGone = { [weak self] worker, instance, incarnation in
      let place = ListenerPlace(worker: worker, instance: instance)
      guard let self, served[place]?.incarnation == incarnation else { return }
      served.removeValue(forKey: place)?.listening.end()
    }
    listeners.start()
  }

  private func serve(
    _ worker: String, _ instance: Int, _ incarnation: Int64, _ descriptor: consuming Descriptor
  ) {
    let place = ListenerPlace(worker: worker, instance: instance)
    served.removeValue(forKey: place)?.listening.end()
    do throws(SystemError) {
      let server = try innerServer()
      served[place] = (incarnation, try server.listenAlso(on: descriptor, as: worker))
    } catch {
      onTrouble?("cannot serve \(worker)@\(instance): \(error.message)")
    }
  }

  /// A server must listen somewhere: on a socket of ours, to which nobody is told the way.
  private func innerServer() throws(SystemError) -> HTTPServer {
    if let inner { return inner }
    let server = try HTTPServer(
      loop: loop, socketPath: innerPath, mode: 0o600, limits: Self.limits
    ) { [weak self] exchange in self?.route(exchange) }
    server.tunnels = { [weak self] connection, worker in self?.egress.take(connection, worker) }
    inner = server
    return server
  }
}

/// Whose listener it is.
struct ListenerPlace: Hashable, Sendable {
  let worker: String
  let instance: Int
}
