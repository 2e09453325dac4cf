// Words that come before the shim's word of the birth of who says them: a process may speak, and end, while the shim waits for
// its turn. Must never attribute words to anybody else, nor wait for a birth longer than for the disk.

import NovaLifecycle
import NovaLinux
import NovaModel

extension Supervisor {
  // One that is born says a word or two before its birth is told; many more are no newborn's.
  private static let mostUnborn = 64

  /// Whether the words are put aside: nobody is known to have said them, and somebody of this worker is being born.
  func waitsForBirth(_ datagram: NotifyDatagram, _ inbox: NotifyInbox) -> Bool {
    // What comes with descriptors is not kept: 253 of them may come with each.
    guard datagram.sender != nil, datagram.descriptors.isEmpty,
      inbox.unborn.count < Self.mostUnborn,
      fleet.instances(of: inbox.worker).contains(where: {
        lives[$0.id].map { $0.pid == nil && $0.exit == nil } ?? false
      })
    else { return false }
    inbox.unborn.append(datagram)
    return true
  }

  /// The shim has told of a birth: what that process has said before is heard now.
  func hearNewborn(_ worker: WorkerName, _ pid: Int32) {
    guard let inbox = notifySockets[worker], !inbox.unborn.isEmpty else { return }
    let words = inbox.unborn
    inbox.unborn = []
    for datagram in words {
      if datagram.sender?.pid == pid {
        _ = take(datagram, inbox)
      } else {
        // Another's, who may be born too.
        _ = waitsForBirth(datagram, inbox)
      }
    }
    guard let socket = inbox.socket else { return }
    // What was heard with them may be on the disk earlier than what became of them: nothing leaves the queue before that.
    inbox.births += 1
    inbox.pendingBirth = inbox.births
    whenDurable { [weak self, birth = inbox.births] in
      guard inbox.socket === socket, inbox.pendingBirth == birth else { return }
      inbox.pendingBirth = nil
      self?.letGo(inbox, socket, through: inbox.unbornThrough)
    }
  }
}
