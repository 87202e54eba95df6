/// The mounts that a process sees (proc_pid_mountinfo(5)).
package struct ProcessMounts: Equatable, Sendable {
    /// One of them.
    package struct Mount: Equatable, Sendable {
        /// Its number.
        package var id: UInt64
        /// The number of the mount that it is on.
        package var parent: UInt64
        /// What of its file system is shown, as a path in it.
        package var root: String
        /// Where it is, from the process's root.
        package var point: String
        /// The options of the mount.
        package var options: [String]
        /// The type of its file system.
        package var type: String
        /// The options of its file system.
        package var superOptions: [String]

        /// Whether nothing can be written through it.
        package var isReadOnly: Bool { options.contains("ro") || superOptions.contains("ro") }
    }

    /// The mounts, in the file's order.
    package let mounts: [Mount]

    /// Reads the file's text; lines that are none are passed over.
    package init(parsing text: some Collection<UInt8>) {
        mounts = text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            // 36 35 98:0 /root /point options [optional fields] - type source options
            let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map { Array($0) }
            guard fields.count > 8, let dash = fields[6...].firstIndex(of: Array("-".utf8)), dash + 3 < fields.count,
                let id = UInt64(String(decoding: fields[0], as: UTF8.self)),
                let parent = UInt64(String(decoding: fields[1], as: UTF8.self))
            else { return nil }
            return Mount(
                id: id, parent: parent, root: Self.unescaped(fields[3]), point: Self.unescaped(fields[4]),
                options: Self.options(fields[5]), type: Self.unescaped(fields[dash + 1]),
                superOptions: Self.options(fields[dash + 3]))
        }
    }

    private static func options(_ text: [UInt8]) -> [String] {
        String(decoding: text, as: UTF8.self).split(separator: ",").map(String.init)
    }

    /// The text of a field, which has blanks and the like as octal numbers: `\040`.
    private static func unescaped(_ text: [UInt8]) -> String {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let number = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(number)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The mounts that a walk along `path` goes through, from the root on; the last one is what stands there. A link on
    /// the way isn't followed.
    package func mounts(along path: String) -> [Mount] {
        let ids = Set(mounts.map(\.id))
        guard var current = mounts.first(where: { $0.point == "/" && !ids.contains($0.parent) }) else { return [] }
        var walked = [current]
        var points = ["/"]
        for part in path.split(separator: "/") {
            points.append((points.last == "/" ? "/" : (points.last ?? "") + "/") + part)
        }
        for point in points {
            // One may be mounted on the root of another.
            while let next = mounts.first(where: {
                $0.parent == current.id && $0.id != current.id && $0.point == point
            }), walked.count <= mounts.count {
                current = next
                walked.append(next)
            }
        }
        return walked
    }

    /// How the mounts keep a process from a path that is there.
    package enum Confinement: String, Sendable {
        /// Something else stands in its place.
        case masked
        /// It can be read and not be written.
        case readOnly
        /// It is as it is.
        case open
    }

    /// How the mounts keep a process from `path`, which is there.
    ///
    /// A mask is a mount of another file system exactly there: an empty read-only one, or the null device on a file. A
    /// mount of the path on itself, which makes it read-only, shows the file system that was there before.
    package func confinement(of path: String) -> Confinement {
        let walked = mounts(along: path)
        guard let top = walked.last else { return .open }
        let normal = "/" + path.split(separator: "/").joined(separator: "/")
        if top.point == normal, let below = walked.dropLast().last(where: { $0.point != normal }) {
            let isOther = top.type != below.type || top.root == "/null"
            if isOther, top.root == "/null" || top.isReadOnly { return .masked }
        }
        return top.isReadOnly ? .readOnly : .open
    }
}
