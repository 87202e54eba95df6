/// A JSON pointer (RFC 6901), such as `/mounts/3/type`: the place of a value in a document.
///
/// Pointers sort as a reader goes through a document: step by step, elements by number and not by their digits.
package struct JSONPointer: Sendable {
    /// A step from a value to one inside it.
    package enum Token: Sendable {
        /// To the member of this name.
        case name(String)
        /// To the element of this index, from 0.
        case index(Int)
    }

    /// The steps from the document's outermost value.
    package private(set) var tokens: [Token]

    /// Makes a pointer of steps. None leads to the document's outermost value.
    package init(_ tokens: [Token] = []) { self.tokens = tokens }

    /// The pointer to the member `name` of what this one points at.
    package func appending(_ name: String) -> JSONPointer { JSONPointer(tokens + [.name(name)]) }

    /// The pointer to the element `index`, from 0, of what this one points at.
    package func appending(_ index: Int) -> JSONPointer { JSONPointer(tokens + [.index(index)]) }

    /// Goes on to the member `name`.
    package mutating func append(_ name: String) { tokens.append(.name(name)) }

    /// Goes on to the element `index`, from 0.
    package mutating func append(_ index: Int) { tokens.append(.index(index)) }
}

extension JSONPointer: CustomStringConvertible {
    /// The pointer as text, `~` and `/` escaped as `~0` and `~1`; empty for the outermost value.
    package var description: String {
        var text = ""
        for token in tokens {
            text += "/"
            switch token {
            case .index(let index): text += String(index)
            case .name(let name):
                for scalar in name.unicodeScalars {
                    switch scalar {
                    case "~": text += "~0"
                    case "/": text += "~1"
                    default: text.unicodeScalars.append(scalar)
                    }
                }
            }
        }
        return text
    }
}

extension JSONPointer: Comparable {
    /// Whether both lead the same way.
    package static func == (first: JSONPointer, second: JSONPointer) -> Bool {
        first.tokens.count == second.tokens.count
            && zip(first.tokens, second.tokens).allSatisfy { compare($0, $1) == 0 }
    }

    /// Whether `first` stands before `second`: a container before what is inside it, elements by number, members by
    /// the bytes of their names.
    package static func < (first: JSONPointer, second: JSONPointer) -> Bool {
        for (one, other) in zip(first.tokens, second.tokens) {
            let order = compare(one, other)
            if order != 0 { return order < 0 }
        }
        return first.tokens.count < second.tokens.count
    }

    private static func compare(_ first: Token, _ second: Token) -> Int {
        switch (first, second) {
        case (.index(let one), .index(let other)): one < other ? -1 : one == other ? 0 : 1
        case (.index, .name): -1
        case (.name, .index): 1
        case (.name(let one), .name(let other)):
            // Bytes, because `==` of strings takes canonically equivalent names for equal.
            one.utf8.elementsEqual(other.utf8) ? 0 : one.utf8.lexicographicallyPrecedes(other.utf8) ? -1 : 1
        }
    }
}
