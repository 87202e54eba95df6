/// A list of processors or memory nodes as cpuset(7), "List format", has it: `0-3,7` (`/process/execCPUAffinity`,
/// `/linux/memoryPolicy/nodes`).
package struct NumberList: Equatable, Sendable {
    /// The numbers, rising, each once.
    package let numbers: [Int]

    /// The list that a text holds; nil where it holds none, where a range falls, and where a number is above `last`.
    package init?(_ text: String, through last: Int) {
        var isIn = [Bool](repeating: false, count: last + 1)
        var first: Int?
        var number: Int?
        /// The end of an element: a number alone, or the second of a range.
        func endElement() -> Bool {
            guard let end = number, first ?? end <= end else { return false }
            for place in (first ?? end)...end { isIn[place] = true }
            first = nil
            number = nil
            return true
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let value = (number ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
                guard value <= last else { return nil }
                number = value
            case UInt8(ascii: "-"):
                guard first == nil, number != nil else { return nil }
                first = number
                number = nil
            case UInt8(ascii: ","):
                guard endElement() else { return nil }
            default: return nil
            }
        }
        guard endElement() else { return nil }
        var numbers: [Int] = []
        for place in isIn.indices where isIn[place] { numbers.append(place) }
        self.numbers = numbers
    }
}
