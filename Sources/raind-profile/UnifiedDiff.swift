/// The difference of two texts, line by line, in the form of diff -u.
struct UnifiedDiff {
    private enum Line {
        case same(Substring)
        case removed(Substring)
        case added(Substring)
    }

    private let name: String
    private var lines: [Line] = []
    private static let contextLines = 3

    /// Compares the old text with the new one; `name` is the file's.
    init(from old: [UInt8], to new: [UInt8], name: String) {
        self.name = name
        let before = UnifiedDiff.split(old)
        let after = UnifiedDiff.split(new)
        let difference = after.difference(from: before)
        var removed: Set<Int> = []
        var added: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var oldPosition = 0
        var newPosition = 0
        while oldPosition < before.count || newPosition < after.count {
            if removed.contains(oldPosition) {
                lines.append(.removed(before[oldPosition]))
                oldPosition += 1
            } else if added.contains(newPosition) {
                lines.append(.added(after[newPosition]))
                newPosition += 1
            } else {
                lines.append(.same(before[oldPosition]))
                oldPosition += 1
                newPosition += 1
            }
        }
    }

    /// The difference as text, without a line feed at its end; empty if there is none.
    var text: String {
        var shown = Array(repeating: false, count: lines.count)
        for (position, line) in lines.enumerated() {
            if case .same = line { continue }
            let from = max(0, position - UnifiedDiff.contextLines)
            for near in from...min(lines.count - 1, position + UnifiedDiff.contextLines) { shown[near] = true }
        }
        var text = ["--- \(name)", "+++ \(name)"]
        var position = 0
        var oldLine = 1
        var newLine = 1
        while position < lines.count {
            guard shown[position] else {
                // What isn't shown is the same in both.
                position += 1
                oldLine += 1
                newLine += 1
                continue
            }
            var body: [String] = []
            var oldCount = 0
            var newCount = 0
            let end = shown[position...].firstIndex(of: false) ?? lines.count
            for line in lines[position..<end] {
                switch line {
                case .same(let content):
                    body.append(" " + content)
                    oldCount += 1
                    newCount += 1
                case .removed(let content):
                    body.append("-" + content)
                    oldCount += 1
                case .added(let content):
                    body.append("+" + content)
                    newCount += 1
                }
            }
            text.append("@@ -\(start(oldLine, oldCount)),\(oldCount) +\(start(newLine, newCount)),\(newCount) @@")
            text += body
            oldLine += oldCount
            newLine += newCount
            position = end
        }
        return text.count > 2 ? text.joined(separator: "\n") : ""
    }

    /// An empty range is told by the line before it.
    private func start(_ line: Int, _ count: Int) -> Int { count == 0 ? line - 1 : line }

    private static func split(_ bytes: [UInt8]) -> [Substring] {
        var lines = Substring(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
