// Rows to aligned text. Must never cut or colour when nobody looks at a terminal: piped output is data.

import NovaWire

/// One column.
struct Column {
  var title: String
  /// Numbers stand to the right.
  var right = false
  init(_ title: String, right: Bool = false) {
    self.title = title
    self.right = right
  }
}

/// One cell: its text and, for states, its colour.
struct Cell: ExpressibleByStringLiteral {
  let text: String
  let colour: Colour
  /// Columns on a terminal.
  let width: Int

  init(_ text: String, _ colour: Colour = .plain) {
    let clean = CleanText.forTerminal(text)
    self.text = clean
    self.colour = colour
    width = TerminalText.width(clean)
  }
  init(stringLiteral value: String) { self.init(value) }

  /// The colours of the house; what they mean is said by the text as well.
  enum Colour: String {
    case plain = ""
    case good = "32"
    case busy = "33"
    case bad = "31"
    case calm = "36"
    case dim = "2"
    case strong = "1"

    /// The text in this colour when `use` allows it.
    func paint(_ text: String, _ use: Bool) -> String {
      use && self != .plain && !text.isEmpty ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
  }
}

/// A table.
struct Table {
  var columns: [Column]
  var rows: [[Cell]] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// Lines without newline. `width` nil: as wide as it is.
  func lines(header: Bool, colour: Bool, width: Int?) -> [String] {
    let widths = widths(header: header)
    return all(header: header).map { cells in
      var line: [UInt8] = []
      append(cells, widths, colour, width, to: &line)
      return String(decoding: line, as: UTF8.self)
    }
  }

  /// The same lines, each with its newline, in one piece: a thousand of them are one write.
  func bytes(header: Bool, colour: Bool, width: Int?) -> [UInt8] {
    let widths = widths(header: header)
    var out: [UInt8] = []
    out.reserveCapacity((rows.count + 1) * (widths.reduce(0, +) + 2 * widths.count + 1))
    for cells in all(header: header) {
      append(cells, widths, colour, width, to: &out)
      out.append(UInt8(ascii: "\n"))
    }
    return out
  }

  private func all(header: Bool) -> [[Cell]] {
    (header ? [columns.map { Cell($0.title, .strong) }] : []) + rows
  }

  private func widths(header: Bool) -> [Int] {
    var widths = columns.map { header ? TerminalText.width($0.title) : 0 }
    for row in rows {
      for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.width) }
    }
    return widths
  }

  private func append(
    _ cells: [Cell], _ widths: [Int], _ colour: Bool, _ limit: Int?, to out: inout [UInt8]
  ) {
    let start = out.count
    var used = 0
    for (index, cell) in cells.enumerated() {
      if index > 0 {
        pad(2, &out)
        used += 2
      }
      let last = index == cells.count - 1
      var text = cell.text
      var width = cell.width
      // Only the last column gives way: it is the sentence, the others are the facts.
      if last, let limit, used + width > limit {
        text = TerminalText.cut(text, columns: max(0, limit - used))
        width = TerminalText.width(text)
      }
      let gap = max(0, widths[index] - width)
      if columns[index].right { pad(gap, &out) }
      if colour, cell.colour != .plain {
        out += cell.colour.paint(text, colour).utf8
      } else {
        out += text.utf8
      }
      if !columns[index].right, !last { pad(gap, &out) }
      used += widths[index]
    }
    while out.count > start, out.last == UInt8(ascii: " ") { out.removeLast() }
  }

  private func pad(_ count: Int, _ out: inout [UInt8]) {
    for _ in 0..<count { out.append(UInt8(ascii: " ")) }
  }
}
