package import LosslessJSON

/// One thing that is wrong with a document: where, and what.
package struct Problem: Error, Equatable, Sendable {
    /// The JSON pointer (RFC 6901) of the value that is wrong, or that is missing; empty for the whole document.
    package var pointer: String

    /// What is wrong and what would be right, in one line without the place: `expected a string, found a number`.
    package var message: String

    /// The place in the text, where it is known.
    package var location: JSON.Location?

    /// Makes a problem.
    package init(pointer: String, message: String, location: JSON.Location? = nil) {
        self.pointer = pointer
        self.message = message
        self.location = location
    }
}

extension Problem: CustomStringConvertible {
    /// `POINTER: MESSAGE`, or the message alone for the whole document. It is one line also where what it is about isn't.
    package var description: String { (pointer.isEmpty ? message : "\(pointer): \(message)").oneLine }
}

extension Problem: Comparable {
    /// Whether `first` is told before `second`: by pointer, a container before what is inside it, elements by their
    /// number; by message where both are about one value.
    package static func < (first: Problem, second: Problem) -> Bool {
        let one = first.pointer.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let other = second.pointer.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (token, otherToken) in zip(one, other) where !token.elementsEqual(otherToken) {
            guard isIndex(token), isIndex(otherToken), token.count != otherToken.count else {
                return token.lexicographicallyPrecedes(otherToken)
            }
            return token.count < otherToken.count
        }
        if one.count != other.count { return one.count < other.count }
        return first.message.utf8.lexicographicallyPrecedes(second.message.utf8)
    }

    private static func isIndex(_ token: Substring.UTF8View) -> Bool {
        !token.isEmpty && token.allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
    }
}
