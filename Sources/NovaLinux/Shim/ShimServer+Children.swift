// Births confirmed and deaths recorded. Every zombie is looked at first (WNOWAIT) and reaped by its pid, so that no
// status is taken without knowing whose it is. Must never reap a child before its exit can be kept.

internal import CNovaSys
internal import Glibc
internal import NovaModel

extension ShimServer {
  /// Waits for the report pipe without blocking anybody: many births may be in flight.
  func watch(_ pid: Int32, _ pipe: DescriptorBox) {
    do {
      pipes[pid] = try loop.watch(pipe.raw(), .readable) { [unowned self] _ in settle(pid) }
    } catch {
      // Out of descriptors or memory for one more watch: its death will settle it.
      pipes[pid] = nil
    }
  }

  /// The pipe has said what there is to say: executing, or failed at a stage.
  private func settle(_ pid: Int32) {
    guard let child = table.children[pid], let pipe = child.pending else { return }
    let key = child.key
    while true {
      switch SpawnReport.read(pipe) {
      case .nothing: return
      case .apart: table.part(pid)
      case .listener(let listener): table.take(listener: listener, of: pid)
      case .lostListener: continue
      case .failed(let failure):
        pipes.removeValue(forKey: pid)?.cancel()
        // What is left of it is a zombie or about to be: an orphan to `reap`.
        _ = table.remove(pid)
        return report(
          .failed(
            slot: key.slot, incarnation: key.incarnation, stage: failure.stage,
            errno: failure.number))
      case .executing:
        pipes.removeValue(forKey: pid)?.cancel()
        table.confirm(pid)
        reportListener(of: pid)
        return report(
          .started(
            slot: key.slot, incarnation: key.incarnation, pid: pid,
            startedMonotonicNsec: child.started))
      }
    }
  }

  /// To a brain that takes them.
  func reportListener(of pid: Int32) {
    guard brain?.takesListeners == true, let child = table.children[pid], child.pending == nil,
      let listener = child.listener
    else { return }
    report(.listener(slot: child.key.slot, incarnation: child.key.incarnation, listener))
  }

  /// SIGCHLD coalesces: takes every zombie there is, ours and orphans that came to us as subreaper.
  func reap() {
    while true {
      let pid = nova_next_dead()
      guard pid > 0 else { return }
      // Who was killed before it was apart has not said so.
      table.part(pid)
      settle(pid)
      if let child = table.children[pid], !child.grouped {
        // Without a cgroup nothing else can find what it left behind, and only now is its number still its own.
        kill(-pid, SIGKILL)
      }
      var exit = nova_exit()
      // SAFETY: `exit` outlives the call.
      guard unsafe nova_reap(pid, &exit) == 1 else { return }
      guard let child = table.remove(pid) else { continue }
      pipes.removeValue(forKey: pid)?.cancel()
      let now = Clock.now()
      let ended = ExitReport(
        slot: child.key.slot, incarnation: child.key.incarnation, pid: pid,
        status: exit.signaled != 0
          ? .signaled(exit.number, coreDumped: exit.dumped != 0) : .exited(exit.number),
        userUsec: exit.user_usec, systemUsec: exit.system_usec, maxRSSKiB: exit.max_rss_kib,
        at: now.wall, atMonotonic: now.instant)
      table.keep(ended)
      report(.exited(ended))
    }
  }
}
