import OCISpec

/// The parts of a config in which something could not be read. What the rules find there may be about the value that stands
/// in for it, so only what they find elsewhere is told.
struct UnreadSections {
    private var sections: [String] = []
    private var decidesElsewhere = false

    init(_ unread: [Problem]) {
        for problem in unread {
            let section = Self.section(of: problem.pointer)
            sections.append(section)
            // Without it nothing is known of the namespaces and ids, on which most of a config depends.
            if ["", "/linux", "/linux/namespaces", "/linux/uidMappings", "/linux/gidMappings"].contains(section) {
                decidesElsewhere = true
            }
        }
    }

    /// Those of the rules' problems that nothing unread has to do with.
    func independent(_ problems: [Problem]) -> [Problem] {
        problems.filter { problem in
            if decidesElsewhere {
                guard
                    ["/ociVersion", "/root", "/process", "/hooks"].contains(where: { Self.is(problem.pointer, in: $0) })
                else { return false }
            }
            return !sections.contains { Self.is(problem.pointer, in: $0) || Self.is($0, in: problem.pointer) }
        }
    }

    /// The part that a value belongs to: a member of `/process`, `/linux` and the like, or a mount.
    private static func section(of pointer: String) -> String {
        let tokens = pointer.utf8.split(separator: UInt8(ascii: "/"))
        // A mount that could not be read at all is left out, and those behind it count on.
        let depth = tokens.count == 2 && tokens[0].elementsEqual("mounts".utf8) ? 1 : 2
        return tokens.prefix(depth).map { "/" + String(Substring($0)) }.joined()
    }

    private static func `is`(_ pointer: String, in section: String) -> Bool {
        guard pointer.startsBytewise(with: section) else { return false }
        return pointer.utf8.count == section.utf8.count
            || pointer.utf8[pointer.utf8.index(pointer.utf8.startIndex, offsetBy: section.utf8.count)]
                == UInt8(ascii: "/")
    }
}
