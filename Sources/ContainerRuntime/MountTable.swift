import LinuxSys

/// The mounts that the calling process sees (proc_pid_mountinfo(5)).
struct MountTable {
    /// One of them.
    struct Mount {
        /// Its number, as statx(2) tells it.
        let id: UInt64
        /// Where it is, from the process's root.
        let point: String
        /// The type of its file system.
        let type: String
    }

    /// The mounts, those above before those below them.
    let mounts: [Mount]

    /// The mounts of /proc/self/mountinfo.
    static func read() throws(SyscallError) -> MountTable {
        MountTable(parsing: try Files.readFile("/proc/self/mountinfo", limit: 16 << 20))
    }

    /// The mounts of a file's text; lines that are none are passed over.
    init(parsing text: [UInt8]) {
        var mounts: [Mount] = []
        for line in text.split(separator: UInt8(ascii: "\n")) {
            // 36 35 98:0 /root /point options [optional fields] - type source options
            let fields = line.split(separator: UInt8(ascii: " "))
            guard let dash = fields.firstIndex(where: { $0.elementsEqual("-".utf8) }), dash + 1 < fields.count,
                fields.count > 4, let id = UInt64(String(decoding: fields[0], as: UTF8.self))
            else { continue }
            mounts.append(
                Mount(
                    id: id, point: Self.unescaped(fields[4]),
                    type: String(decoding: fields[dash + 1], as: UTF8.self)))
        }
        self.mounts = mounts
    }

    /// A path of the table, which has blanks and the like as octal numbers: `\040`.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = text
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
}
