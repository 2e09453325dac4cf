// How much of the allow-list proxy a worker may take, and for how long. Must never hold more than numbers.

import NovaModel

/// The limits of tunnels. Nothing of them is unlimited.
struct EgressLimits: Sendable {
  /// Tunnels of one worker.
  var tunnels = 64
  /// Of all workers: two descriptors each.
  var tunnelsOfAll = 2048
  /// Connections of one worker that ask, wait or are being refused, and its tunnels.
  var open = 128
  /// From the first byte to the end of the headers; a client writes them at once. A connection may take as long.
  var patience = Span.seconds(10)
  /// Without a byte either way: longer than any client's own.
  var idle = Span.seconds(600)
}
