/// Finds the name that was probably meant, for messages about a name that nobody knows.
package enum NearestName {
    /// The name of `candidates` that is the fewest changes away from `name`, else the first that starts with it, or nil
    /// if none is near.
    ///
    /// A change is a letter added, taken out or replaced, or two neighbours exchanged; upper and lower case are one.
    /// At most a third of the letters may differ, those of a beginning left out that both share up to an underscore:
    /// `SCMP_ACT_` makes no two actions alike. The first of equals wins. A start is at least three letters long.
    package static func suggest(_ name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = folded(name)
        guard !wanted.isEmpty, wanted.count <= maximumLength else { return nil }
        var nearest: String?
        var nearestDistance = Int.max
        var longer: String?
        for candidate in candidates {
            let letters = folded(candidate)
            if longer == nil, wanted.count >= 3, letters.starts(with: wanted) { longer = candidate }
            let shared = sharedBeginning(wanted, letters)
            let rest = max(wanted.count, letters.count) - shared
            let limit = min(shared > 0 ? max(rest / 3, 1) : rest / 3, nearestDistance - 1)
            guard limit >= 0, abs(wanted.count - letters.count) <= limit else { continue }
            let distance = distance(wanted[shared...], letters[shared...])
            if distance <= limit {
                nearest = candidate
                nearestDistance = distance
            }
        }
        return nearest ?? longer
    }

    /// Names longer than this are no misspelt ones, and comparing them would take long.
    private static let maximumLength = 128

    private static func folded(_ name: String) -> [UInt32] {
        name.unicodeScalars.map { scalar in
            scalar.value &- 0x41 < 26 ? scalar.value | 0x20 : scalar.value
        }
    }

    /// How many letters both begin with, up to the last underscore among them.
    private static func sharedBeginning(_ first: [UInt32], _ second: [UInt32]) -> Int {
        var shared = 0
        for (position, (one, other)) in zip(first, second).enumerated() {
            guard one == other else { break }
            if one == 0x5F { shared = position + 1 }
        }
        return shared
    }

    /// The distance of optimal string alignment.
    private static func distance(_ first: ArraySlice<UInt32>, _ second: ArraySlice<UInt32>) -> Int {
        let first = Array(first)
        let second = Array(second)
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
