/// Lays out rows in columns: each as wide as its longest cell, two spaces between them.
struct Table {
    private var rows: [[String]] = []

    /// Adds a row.
    mutating func append(_ cells: String...) { rows.append(cells) }

    /// The rows as lines, without spaces at their ends.
    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                guard column < row.count - 1 else { break }
                line += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            return line
        }.joined(separator: "\n")
    }
}
