/// Text as the kernel sees it: bytes.
///
/// Swift's own `hasPrefix`, `split` and `count` go by characters as a reader sees them. For a path that is wrong and not
/// only slow: a slash before a combining accent makes one character with it, which isn't `/`, and yet it parts two
/// components.
extension String {
    /// Whether the bytes begin with those of `prefix`.
    package func startsBytewise(with prefix: String) -> Bool {
        let (own, other) = (utf8, prefix.utf8)
        guard own.count >= other.count else { return false }
        var place = own.startIndex
        for byte in other {
            guard own[place] == byte else { return false }
            place = own.index(after: place)
        }
        return true
    }

    /// Whether the bytes end with those of `suffix`.
    package func endsBytewise(with suffix: String) -> Bool {
        let (own, other) = (utf8, suffix.utf8)
        guard own.count >= other.count else { return false }
        var place = own.index(own.startIndex, offsetBy: own.count - other.count)
        for byte in other {
            guard own[place] == byte else { return false }
            place = own.index(after: place)
        }
        return true
    }

    /// The text behind the first `count` bytes, of which there are that many. They end where a character of Unicode does.
    package func bytewiseSuffix(from count: Int) -> String {
        let bytes = utf8
        return String(self[bytes.index(bytes.startIndex, offsetBy: count)...])
    }

    /// What stands between the bytes `separator`, an ASCII character, without empty parts.
    package func bytewiseParts(separatedBy separator: Unicode.Scalar) -> [String] {
        let bytes = utf8
        let mark = UInt8(ascii: separator)
        var parts: [String] = []
        var start = bytes.startIndex
        var place = start
        while place != bytes.endIndex {
            let next = bytes.index(after: place)
            if bytes[place] == mark {
                if start != place { parts.append(String(self[start..<place])) }
                start = next
            }
            place = next
        }
        if start != place { parts.append(String(self[start..<place])) }
        return parts
    }
}
