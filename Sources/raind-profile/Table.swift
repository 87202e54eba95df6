/// Lays out rows in columns: each as wide as its longest cell, two spaces between them.
struct Table {
    /// What of a table is a heading, which stands out on a terminal.
    enum Heading {
        case none
        case row
        case column
    }

    private let heading: Heading
    private let styles: [String: Style]
    private var rows: [[String]] = []

    /// Begins a table; cells that are one of `styles` look so on a terminal.
    init(heading: Heading = .none, styles: [String: Style] = [:]) {
        self.heading = heading
        self.styles = styles
    }

    /// Adds a row.
    mutating func append(_ cells: String...) { rows.append(cells) }

    /// The rows as lines, without spaces at their ends.
    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.enumerated().map { number, row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let isHeading = heading == .row && number == 0 || heading == .column && column == 0
                let style = isHeading && !cell.isEmpty ? Style.bold : styles[cell]
                line += style.map { $0(cell) } ?? cell
                guard column < row.count - 1 else { break }
                line += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            return line
        }.joined(separator: "\n")
    }
}
