/// Types as D-Bus writes them (D-Bus Specification, "Signatures"): at most 255 bytes, arrays within arrays and structures
/// within structures 32 deep.
enum BusSignature {
    /// The longest.
    static let maximumBytes = 255
    /// The deepest, of arrays and of structures.
    static let maximumDepth = 32

    /// The end of the complete type that begins at a place.
    /// - Returns: nil where none begins there.
    static func end(ofTypeAt start: Int, in signature: [UInt8]) -> Int? {
        end(ofTypeAt: start, in: signature, arrays: 0, structures: 0, isElement: false)
    }

    /// Whether these are complete types, any number of them.
    static func isValid(_ signature: [UInt8]) -> Bool {
        guard signature.count <= maximumBytes else { return false }
        var place = 0
        while place < signature.count {
            guard let next = end(ofTypeAt: place, in: signature) else { return false }
            place = next
        }
        return true
    }

    /// Whether this is one complete type.
    static func isSingle(_ signature: [UInt8]) -> Bool {
        signature.count <= maximumBytes && !signature.isEmpty && end(ofTypeAt: 0, in: signature) == signature.count
    }

    /// What values of a type begin at multiples of.
    static func alignment(of type: UInt8) -> Int {
        switch type {
        case UInt8(ascii: "y"), UInt8(ascii: "g"), UInt8(ascii: "v"): 1
        case UInt8(ascii: "n"), UInt8(ascii: "q"): 2
        case UInt8(ascii: "x"), UInt8(ascii: "t"), UInt8(ascii: "d"), UInt8(ascii: "("), UInt8(ascii: "{"): 8
        default: 4
        }
    }

    private static func end(
        ofTypeAt start: Int, in signature: [UInt8], arrays: Int, structures: Int, isElement: Bool
    ) -> Int? {
        guard start < signature.count, arrays <= maximumDepth, structures <= maximumDepth else { return nil }
        switch signature[start] {
        case UInt8(ascii: "v"): return start + 1
        case UInt8(ascii: "a"):
            return end(
                ofTypeAt: start + 1, in: signature, arrays: arrays + 1, structures: structures, isElement: true)
        case UInt8(ascii: "("):
            var place = start + 1
            while place < signature.count, signature[place] != UInt8(ascii: ")") {
                guard
                    let next = end(
                        ofTypeAt: place, in: signature, arrays: arrays, structures: structures + 1, isElement: false)
                else { return nil }
                place = next
            }
            // One without members is none: it would take no room, and any number of them would fit into an array.
            guard place < signature.count, place > start + 1 else { return nil }
            return place + 1
        case UInt8(ascii: "{"):
            guard isElement, start + 1 < signature.count, isBasic(signature[start + 1]),
                let close = end(
                    ofTypeAt: start + 2, in: signature, arrays: arrays, structures: structures + 1, isElement: false),
                close < signature.count, signature[close] == UInt8(ascii: "}")
            else { return nil }
            return close + 1
        default: return isBasic(signature[start]) ? start + 1 : nil
        }
    }

    private static func isBasic(_ type: UInt8) -> Bool { "ybnqiuxtdsogh".utf8.contains(type) }

    /// Whether this is the path of an object: `/`, or names of letters, digits and `_` with `/` before each.
    static func isObjectPath(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "/") else { return false }
        guard bytes.count > 1 else { return true }
        var hasName = true
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "/"):
                guard hasName else { return false }
                hasName = false
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                hasName = true
            default: return false
            }
        }
        return hasName
    }
}
