/// A map of users or groups of a user namespace (user_namespaces(7)): /proc/PID/uid_map, gid_map.
package struct IDMap: Equatable, Sendable {
    /// Some ids that follow one another.
    package struct Range: Equatable, Sendable {
        /// The first id inside.
        package var inside: UInt32
        /// What that is for the reader.
        package var outside: UInt32
        /// How many ids.
        package var count: UInt32

        /// Makes a range.
        package init(inside: UInt32, outside: UInt32, count: UInt32) {
            self.inside = inside
            self.outside = outside
            self.count = count
        }
    }

    /// The ranges as they stand in the file.
    package var ranges: [Range]

    /// Makes a map.
    package init(_ ranges: [Range]) { self.ranges = ranges }

    /// Reads the file's text; nil if a line isn't three numbers.
    package init?(parsing text: some Collection<UInt8>) {
        ranges = []
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let numbers = line.split(separator: " ").map { UInt32($0) }
            guard numbers.count == 3, let inside = numbers[0], let outside = numbers[1], let count = numbers[2] else {
                return nil
            }
            ranges.append(Range(inside: inside, outside: outside, count: count))
        }
    }

    /// Whether every id is the same inside and outside.
    package var isIdentity: Bool { ranges == [Range(inside: 0, outside: 0, count: .max)] }

    /// What an id of the reader's is inside; nil if it isn't mapped.
    package func inside(_ outside: UInt32) -> UInt32? {
        for range in ranges where outside >= range.outside && outside - range.outside < range.count {
            let (inside, isNone) = range.inside.addingReportingOverflow(outside - range.outside)
            return isNone ? nil : inside
        }
        return nil
    }
}
