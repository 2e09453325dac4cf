// The tables of stopping rules: false kills and time to a kill against seven truths, the value of a candidate, drift,
// delayed revenue, and false scale-ups. Must never be fed a figure of the engine's own making as the published one.

import NovaEconomics

/// A published cell: share stopped in percent, median run, mean net; nil: not given.
struct Published {
  let percent: Double
  let median: Int?
  let net: Double
  /// The last place that was printed of the net.
  let place: Double

  init(_ percent: Double, _ median: Int?, _ net: Double, place: Double) {
    self.percent = percent
    self.median = median
    self.net = net
    self.place = place
  }
}

/// One rule and what was published of it, in the order of `Scenario.published`.
struct StopRow {
  let policy: StopPolicy
  let cells: [Published]
}

private func row(_ policy: StopPolicy, _ cells: [(Double, Int?, Double, Double)]) -> StopRow {
  StopRow(policy: policy, cells: cells.map { Published($0.0, $0.1, $0.2, place: $0.3) })
}

/// Section 5 of the specification: percent stopped, median run, mean net, the place of its last digit.
let stopRows: [StopRow] = [
  row(
    .naive(from: 20),
    [
      (53.2, 20, 242.6, 0.1), (39.2, 20, 467, 1), (94.8, 20, 0.6, 0.1), (69.2, 20, 155.9, 0.1),
      (100, 20, -10, 0.1), (100, 20, -8.3, 0.1), (98.9, 20, -6.1, 0.1),
    ]),
  row(
    .oneLook(at: 20),
    [
      (35.7, 20, 323, 1), (27.8, 20, 549, 1), (58.7, 20, 1.3, 0.1), (43.0, 20, 274, 1),
      (100, 20, -10, 0.1), (81.8, 20, -59.5, 0.1), (66.5, 20, -36, 1),
    ]),
  row(
    .naive(from: 100),
    [
      (18.3, 100, 419, 1), (7.1, 100, 705, 1), (89.1, 100, 0.3, 0.1), (36.0, 100, 322, 1),
      (100, 100, -50, 0.1), (100, 100, -31.5, 0.1), (97.7, 100, -16, 1),
    ]),
  row(
    .zTest,
    [
      (36.3, 20, 321, 1), (27.9, 20, 548, 1), (68.8, 20, 1.4, 0.1), (41.2, 20, 284, 1),
      (100, 20, -10, 0.1), (100, 20, -18, 1), (85.6, 20, -24, 1),
    ]),
  row(
    .evidence(k: 1, alpha: 0.05, cap: 20, restarts: false),
    [
      (0.0, nil, 500.6, 0.1), (0.0, nil, 752, 1), (3.6, 255, -1.5, 0.1), (0.1, 194, 472, 1),
      (100, 166, -83, 0.1), (87.0, 422, -158, 1), (13.7, 341, -95, 1),
    ]),
  row(
    .evidence(k: 1, alpha: 0.05, cap: 20, restarts: true),
    [
      (0.0, nil, 500.7, 0.1), (0.0, nil, 752, 1), (3.2, 363, -1.5, 0.1), (0.1, 380, 472, 1),
      (100, 193, -96.5, 0.1), (86.3, 440, -165, 1), (13.1, 428, -96, 1),
    ]),
  row(
    .evidence(k: 1, alpha: 0.05, cap: 40, restarts: false),
    [
      (0.0, nil, 501, 1), (0.0, nil, 752, 1), (1.3, 692, -1.6, 0.1), (0.0, nil, 472, 1),
      (100, 330, -165, 0.1), (86.8, 589, -196, 1), (9.9, 692, -100, 1),
    ]),
  row(
    .evidence(k: 1, alpha: 0.20, cap: 20, restarts: false),
    [
      (0.8, 95, 497, 1), (0.1, 95, 751, 1), (16.2, 95, -1, 1), (2.3, 133, 463, 1),
      (100, 95, -47.5, 0.1), (96.7, 181, -91, 1), (35.7, 181, -77, 1),
    ]),
  row(
    .evidence(k: 2.5, alpha: 0.10, cap: 20, restarts: false),
    [
      (35.4, 299, 387, 1), (7.9, 86, 704, 1), (100, 117, 0, 1), (98.4, 199, 130, 1),
      (100, 54, -27, 0.1), (100, 54, -23.5, 0.1), (100, 86, -12.5, 0.1),
    ]),
  row(
    .stopLoss(25),
    [
      (12.8, 50, 441, 1), (5.7, 50, 713, 1), (80.1, 90, 0.1, 0.1), (21.6, 77, 381, 1),
      (100, 50, -25, 0.1), (100, 50, -25, 0.1), (94.8, 90, -20.7, 0.1),
    ]),
  row(
    .stopLoss(50),
    [
      (1.5, 140, 494, 1), (0.2, 140, 750, 1), (61.5, 300, -1.2, 0.1), (4.7, 184, 455, 1),
      (100, 100, -50, 0.1), (100, 140, -50, 0.1), (87.9, 260, -39.8, 0.1),
    ]),
]

/// Section 5, second table: value of a candidate over 1000 runs at 2, 5, 10, 20 and 50 % good ones, by the position of the
/// rule in `stopRows`.
let valueRows: [(row: Int, values: [Double])] = [
  (0, [-2.2, 6.7, 21.5, 51.2, 140.2]), (3, [-9.3, 2.8, 22.9, 63.0, 183.5]),
  (2, [-22.3, -6.8, 18.9, 70.4, 224.8]), (4, [-98.2, -77.6, -43.2, 25.5, 231.5]),
  (9, [-12.9, 3.2, 29.9, 83.5, 244.0]), (10, [-34.4, -16.0, 14.7, 76.0, 260.0]),
]
let goodShares = [0.02, 0.05, 0.10, 0.20, 0.50]

/// Section 5, drift: stopped before the change in percent, median delay.
let driftRows: [(policy: StopPolicy, percent: Double, median: Int)] = [
  (.naive(from: 20), 52.7, 441), (.lastHundred, 71.2, 51),
  (.evidence(k: 1, alpha: 0.05, cap: 20, restarts: false), 0.1, 925),
  (.evidence(k: 1, alpha: 0.05, cap: 20, restarts: true), 0.0, 359), (.drift(1000), 0.5, 141),
  (.drift(10_000), 0.0, 258), (.drawdown(50), 11.9, 85), (.drawdown(75), 0.9, 134),
]

/// Section 3, simulation E: the rule, then good stopped in percent, median hour, bad stopped at the median hour.
let delayRows:
  [(name: String, from: Int, age: Int?, share: Double, percent: Double, good: Int?, bad: Int)] = [
    ("naive on what is there, run >= 20", 20, nil, 1, 91.3, 20, 20),
    ("naive on what is there, run >= 100", 100, nil, 1, 45.3, 100, 100),
    ("e-process at 24 h, ripening ignored", 0, 24, 1, 2.5, 361, 217),
    ("e-process at 24 h, G = .50", 0, 24, 0.5, 0.0, nil, 396),
    ("e-process at 48 h, G = .75", 0, 48, 0.75, 0.0, nil, 301),
    ("e-process at 72 h, G = .875", 0, 72, 0.875, 0.0, nil, 291),
    ("e-process at 168 h, G = .992", 0, 168, 0.992, 0.0, nil, 362),
    ("e-process at 72 h, G bounded by .775", 0, 72, 0.775, 0.0, nil, 318),
  ]

/// Section 0.2: false scale-ups and the time to a true one.
let scaleRows: [(name: String, roi: Double, isNaive: Bool, percent: Double?, median: Int?)] = [
  ("original rule, true +100 %", 100, true, 23, nil),
  ("original rule, true +150 %", 150, true, 37, 25),
  ("e-process, true +100 %", 100, false, 0.0, nil),
  ("e-process, true +150 %", 150, false, 0.1, nil),
  ("e-process, true +300 % (the boundary)", 300, false, 2.7, nil),
  ("e-process, true +500 %", 500, false, nil, 231),
  ("e-process, true +700 %", 700, false, nil, 73),
  ("e-process, true +1100 %", 1100, false, nil, 25),
]
