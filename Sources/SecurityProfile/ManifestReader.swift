import OCISpec

/// Reads the values of a manifest or seccomp list, and says where and how one isn't what it has to be.
enum ManifestReader {
    /// The entries of a mapping whose keys are known. An unknown key is an error, because a misspelt one would
    /// otherwise leave out what it was meant to ask for.
    static func entries(
        of node: ManifestNode, named what: String, keys: [String]
    ) throws(ProfileError) -> [ManifestNode.Entry] {
        guard case .map(let entries) = node.content else { throw mismatch(node, what, "a mapping") }
        var seen: [String] = []
        for entry in entries {
            guard keys.contains(entry.key) else {
                let nearest = NearestName.suggest(entry.key, among: keys)
                throw .manifest(
                    entry.place, "\(what) has no key \(quoted(entry.key))",
                    remedy: nearest.map { "did you mean \($0)?" } ?? "it has " + keys.joined(separator: ", "))
            }
            guard !seen.contains(entry.key) else {
                throw .manifest(entry.place, "\(entry.key) stands twice in \(what)", remedy: "keep one of the two")
            }
            seen.append(entry.key)
        }
        return entries
    }

    static func string(_ node: ManifestNode, _ what: String) throws(ProfileError) -> String {
        guard case .string(let text) = node.content else { throw mismatch(node, what, "a string") }
        return text
    }

    static func bool(_ node: ManifestNode, _ what: String) throws(ProfileError) -> Bool {
        guard case .bool(let value) = node.content else { throw mismatch(node, what, "true or false") }
        return value
    }

    static func list(_ node: ManifestNode, _ what: String) throws(ProfileError) -> [ManifestNode] {
        guard case .list(let elements) = node.content else { throw mismatch(node, what, "a list") }
        return elements
    }

    static func strings(_ node: ManifestNode, _ what: String) throws(ProfileError) -> [String] {
        var strings: [String] = []
        for element in try list(node, what) { strings.append(try string(element, "an element of \(what)")) }
        return strings
    }

    static func number<Value: FixedWidthInteger>(
        _ node: ManifestNode, _ what: String, as type: Value.Type
    ) throws(ProfileError) -> Value {
        guard case .number(let text) = node.content, let value = Value(text) else {
            throw mismatch(node, what, "a whole number from \(Value.min) to \(Value.max)")
        }
        return value
    }

    static func mismatch(_ node: ManifestNode, _ what: String, _ wanted: String) -> ProfileError {
        let found =
            switch node.content {
            case .null: "nothing"
            case .bool(let value): String(value)
            case .number(let text): text
            case .string(let text): quoted(text)
            case .list: "a list"
            case .map: "a mapping"
            }
        return .manifest(node.place, "\(what) is \(found)", remedy: "it must be \(wanted)")
    }
}
