/// The difference of two texts, line by line, in the form of diff -u.
struct UnifiedDiff {
    private enum Line {
        case same(ArraySlice<UInt8>)
        case removed(ArraySlice<UInt8>)
        case added(ArraySlice<UInt8>)
    }

    private let name: String
    private var lines: [Line] = []
    private static let contextLines = 3

    /// How many differing lines are matched with each other. Matching takes memory with the square of their number, so
    /// what differs in more counts as replaced whole.
    private static let matchedLines = 4096

    /// Compares the old text with the new one; `name` is the file's.
    init(from old: [UInt8], to new: [UInt8], name: String) {
        self.name = name
        let before = UnifiedDiff.split(old)
        let after = UnifiedDiff.split(new)
        let shorter = min(before.count, after.count)
        var prefix = 0
        while prefix < shorter, before[prefix] == after[prefix] { prefix += 1 }
        var suffix = 0
        while suffix < shorter - prefix, before[before.count - 1 - suffix] == after[after.count - 1 - suffix] {
            suffix += 1
        }
        lines = before[..<prefix].map { .same($0) }
        compare(Array(before[prefix..<(before.count - suffix)]), Array(after[prefix..<(after.count - suffix)]))
        lines += before[(before.count - suffix)...].map { .same($0) }
    }

    private mutating func compare(_ before: [ArraySlice<UInt8>], _ after: [ArraySlice<UInt8>]) {
        guard before.count + after.count <= UnifiedDiff.matchedLines else {
            lines += before.map { .removed($0) }
            lines += after.map { .added($0) }
            return
        }
        var removed: Set<Int> = []
        var added: Set<Int> = []
        for change in after.difference(from: before) {
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

    /// How many bytes the longest line has that isn't the same in both texts.
    var longestChange: Int {
        lines.reduce(0) { longest, line in
            switch line {
            case .same: longest
            case .removed(let content), .added(let content): max(longest, content.count)
            }
        }
    }

    /// The difference as text; empty if there is none.
    var text: [UInt8] {
        var shown = Array(repeating: false, count: lines.count)
        for (position, line) in lines.enumerated() {
            if case .same = line { continue }
            let from = max(0, position - UnifiedDiff.contextLines)
            for near in from...min(lines.count - 1, position + UnifiedDiff.contextLines) { shown[near] = true }
        }
        var text: [UInt8] = []
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
            var body: [UInt8] = []
            var oldCount = 0
            var newCount = 0
            let end = shown[position...].firstIndex(of: false) ?? lines.count
            for line in lines[position..<end] {
                switch line {
                case .same(let content):
                    UnifiedDiff.append(" ", content, to: &body)
                    oldCount += 1
                    newCount += 1
                case .removed(let content):
                    UnifiedDiff.append("-", content, to: &body)
                    oldCount += 1
                case .added(let content):
                    UnifiedDiff.append("+", content, to: &body)
                    newCount += 1
                }
            }
            if text.isEmpty { text += Array("--- \(name)\n+++ \(name)\n".utf8) }
            let old = "-\(start(oldLine, oldCount)),\(oldCount)"
            let new = "+\(start(newLine, newCount)),\(newCount)"
            text += Array("@@ \(old) \(new) @@\n".utf8) + body
            oldLine += oldCount
            newLine += newCount
            position = end
        }
        return text
    }

    private static func append(_ mark: Character, _ line: ArraySlice<UInt8>, to text: inout [UInt8]) {
        text += Array(String(mark).utf8) + line
        // As diff and patch have it.
        if line.last != UInt8(ascii: "\n") { text += Array("\n\\ No newline at end of file\n".utf8) }
    }

    /// An empty range is told by the line before it.
    private func start(_ line: Int, _ count: Int) -> Int { count == 0 ? line - 1 : line }

    /// The lines with their line feeds.
    private static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        for (position, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            lines.append(bytes[start...position])
            start = position + 1
        }
        if start < bytes.count { lines.append(bytes[start...]) }
        return lines
    }
}
