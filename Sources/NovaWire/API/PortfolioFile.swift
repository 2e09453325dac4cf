// A fleet that is only imagined, as a file for `novasup simulate --portfolio`. Must never be taken for a configuration.

/// The file.
package struct PortfolioFile: Codable, Sendable, Hashable {
  /// The purse of a day, decimal USD.
  package var budgetUSD: String
  /// How long (30).
  package var days: Int?
  /// The fleet.
  package var workers: [Member]

  /// One worker.
  package struct Member: Codable, Sendable, Hashable {
    package var name: String
    /// What a run costs and a sale brings, decimal USD.
    package var costUSD: String
    package var priceUSD: String
    /// Of a hundred runs so many sell.
    package var conversionPercent: Double
    /// Runs one instance makes a day (16).
    package var runsPerDay: Double?
  }
}
