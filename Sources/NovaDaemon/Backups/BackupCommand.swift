// `nova-supervisor backup verify|restore`: what is done with a backup while no supervisor needs to run.
// Must never touch a database that a supervisor has open.

import NovaLedger
import NovaLinux
import NovaModel

/// The two verbs; each answers with what a person should read.
package enum BackupCommand {
  /// Looks through a backup.
  package static func verify(_ file: String) throws(StartFailure) -> String {
    do throws(LedgerError) {
      return "\(file) is good: \(Self.contents(try Backup.verify(file)))"
    } catch {
      throw StartFailure("\(error)")
    }
  }

  /// Puts a backup in the place of the database.
  package static func restore(_ file: String, _ options: Options) throws(StartFailure) -> String {
    let stamp = Clock.now().wall.rfc3339.filter { $0 != ":" && $0 != "-" }
    do throws(LedgerError) {
      let (report, kept) = try Backup.restore(
        file, over: options.database, keepingOldAs: "replaced-\(stamp)")
      let old = kept.map { "; the one before is kept as \($0)" } ?? ""
      return "\(options.database) is restored: \(contents(report))\(old)"
    } catch {
      throw StartFailure("\(error)")
    }
  }

  private static func contents(_ report: BackupReport) -> String {
    let last = report.lastEvent.map { "up to event \($0.id) of \($0.at.rfc3339)" } ?? "no event"
    return "\(report.bytes) bytes, schema \(report.schema), \(report.incarnations) lives, \(last)"
  }
}
