extension JSON {
    /// Whether both values mean the same: numbers by their exact value, strings by their scalars however escaped,
    /// objects without regard to the order of their members.
    package func equals(_ other: JSON) -> Bool {
        let kind = kind
        guard kind == other.kind, count == other.count else { return false }
        switch kind {
        case .null: return true
        case .bool: return boolValue == other.boolValue
        case .number: return JSON.isSameNumber(bytes, other.bytes)
        case .string: return utf8Value == other.utf8Value
        case .array:
            var others = other.elements
            for element in elements {
                guard let match = others.next(), element.equals(match) else { return false }
            }
            return true
        case .object:
            // Names are unique and the counts are equal, so it is enough to find each of these over there.
            var following = other.members
            for member in members {
                // Most objects that are compared have one order.
                let name = member.name
                let match = following.next().flatMap { $0.name.utf8.elementsEqual(name.utf8) ? $0.value : other[name] }
                guard let match, member.value.equals(match) else { return false }
            }
            return true
        }
    }
}
