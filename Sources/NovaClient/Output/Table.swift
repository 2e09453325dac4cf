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
  var text: String
  var colour: Colour = .plain

  init(_ text: String, _ colour: Colour = .plain) {
    self.text = CleanText.forTerminal(text)
    self.colour = colour
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
    var widths = columns.map { header ? TerminalText.width($0.title) : 0 }
    for row in rows {
      for (index, cell) in row.enumerated() {
        widths[index] = max(widths[index], TerminalText.width(cell.text))
      }
    }
    var lines: [String] = []
    if header {
      lines.append(line(columns.map { Cell($0.title, .strong) }, widths, colour, width))
    }
    for row in rows { lines.append(line(row, widths, colour, width)) }
    return lines
  }

  private func line(_ cells: [Cell], _ widths: [Int], _ colour: Bool, _ limit: Int?) -> String {
    var out = ""
    var used = 0
    for (index, cell) in cells.enumerated() {
      if index > 0 {
        out += "  "
        used += 2
      }
      let last = index == cells.count - 1
      var text = cell.text
      // Only the last column gives way: it is the sentence, the others are the facts.
      if last, let limit { text = TerminalText.cut(text, columns: max(0, limit - used)) }
      let gap = String(repeating: " ", count: max(0, widths[index] - TerminalText.width(text)))
      let painted = cell.colour.paint(text, colour)
      if columns[index].right {
        out += gap + painted
      } else {
        out += painted + (last ? "" : gap)
      }
      used += widths[index]
    }
    while out.last == " " { out.removeLast() }
    return out
  }
}
