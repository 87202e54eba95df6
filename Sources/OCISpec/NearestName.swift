/// Finds the name that was probably meant, for messages about a name that nobody knows.
package enum NearestName {
    /// The name of `candidates` that is the fewest changes away from `name`, or nil if none is near.
    ///
    /// A change is a letter added, taken out or replaced, or two neighbours exchanged; upper and lower case are one.
    /// At most a third of the longer name may differ. The first of equals wins.
    package static func suggest(_ name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = folded(name)
        guard !wanted.isEmpty, wanted.count <= maximumLength else { return nil }
        var nearest: String?
        var nearestDistance = Int.max
        for candidate in candidates {
            let letters = folded(candidate)
            let limit = min(max(wanted.count, letters.count) / 3, nearestDistance - 1)
            guard limit >= 0, abs(wanted.count - letters.count) <= limit else { continue }
            let distance = distance(wanted, letters)
            if distance <= limit {
                nearest = candidate
                nearestDistance = distance
            }
        }
        return nearest
    }

    /// Names longer than this are no misspelt ones, and comparing them would take long.
    private static let maximumLength = 128

    private static func folded(_ name: String) -> [UInt8] {
        name.utf8.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
    }

    /// The distance of optimal string alignment.
    private static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in 0..<first.count {
            var current = [row + 1]
            current.reserveCapacity(second.count + 1)
            for column in 0..<second.count {
                let replaced = last[column] + (first[row] == second[column] ? 0 : 1)
                var best = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[second.count]
    }
}
