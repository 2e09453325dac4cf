// Arms: workers that do another's job with other parameters. Their evaluated runs are paired with those of the other, in
// the order in which they were evaluated. Must never pair runs from before the younger of the two epochs.

package import NovaModel

extension Economy {
  /// Says who is an arm of whom, by arm.
  package mutating func declare(arms: [WorkerName: WorkerName]) {
    guard arms != bases else { return }
    let old = self.arms
    let before = bases
    bases = arms
    followers = [:]
    self.arms = [:]
    for (arm, base) in arms.sorted(by: { $0.key < $1.key }) {
      followers[base, default: []].append(arm)
      // Who was an arm of the same before goes on.
      if before[arm] == base { self.arms[arm] = old[arm] } else { beginArm(arm) }
    }
  }

  /// What is known of an arm against its base; nil: it is none.
  package func arm(_ worker: WorkerName) -> ArmEvidence? { arms[worker] }

  /// Another epoch of a worker: what it was compared with is compared anew.
  mutating func beginArms(of worker: WorkerName) {
    if bases[worker] != nil { beginArm(worker) }
    for arm in followers[worker] ?? [] { beginArm(arm) }
  }

  private mutating func beginArm(_ arm: WorkerName) {
    guard let base = bases[arm] else { return }
    let caps = [arm, base].compactMap { accounts[$0]?.epoch.cap.usd }
    arms[arm] = ArmEvidence(cap: caps.max() ?? 0)
  }

  /// An evaluation of a present epoch.
  mutating func pair(_ evaluation: Evaluation) {
    let name = evaluation.worker
    if bases[name] == nil, followers[name] == nil { return }
    if let base = bases[name], isYoung(evaluation, name, base) {
      arms[name]?.take(evaluation, isBase: false)
    }
    for arm in followers[name] ?? [] where isYoung(evaluation, arm, name) {
      arms[arm]?.take(evaluation, isBase: true)
    }
  }

  /// Whether both epochs had begun: the same also when stored evaluations are taken again.
  private func isYoung(_ evaluation: Evaluation, _ a: WorkerName, _ b: WorkerName) -> Bool {
    guard let first = accounts[a]?.epoch.since, let second = accounts[b]?.epoch.since else {
      return false
    }
    return evaluation.at >= max(first, second)
  }
}
