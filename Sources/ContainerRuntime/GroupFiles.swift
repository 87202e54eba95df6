import LinuxSys

/// The files of a control group that tell what its processes use.
struct GroupFiles {
    /// The group's folder.
    let folder: String

    /// A file's text; nil where there is none: not every kernel has every file.
    func text(_ name: String) throws(SyscallError) -> [UInt8]? {
        do throws(SyscallError) {
            return try Files.readFile(folder + "/" + name, limit: 1 << 20)
        } catch {
            // EOPNOTSUPP: a kernel that was built without what the file is about.
            // ENODEV: the group was just removed.
            if [.ENOENT, .ENOTSUP, .EINVAL, .ENODEV].contains(error.errno) { return nil }
            throw error
        }
    }

    /// A file with one number, which may be negative or `max`; nil where there is none.
    func number(_ name: String) throws(SyscallError) -> UInt64? {
        guard let text = try text(name) else { return nil }
        return Self.number(text.prefix { $0 != UInt8(ascii: "\n") })
    }

    /// A file with numbers apart from each other.
    func numbers(_ name: String) throws(SyscallError) -> [UInt64]? {
        guard let text = try text(name) else { return nil }
        return Self.numbers(in: text)
    }

    /// A file of lines `NAME NUMBER`.
    func named(_ name: String) throws(SyscallError) -> [(name: String, value: UInt64)] {
        try text(name).map(Self.named(in:)) ?? []
    }

    /// The lines of a file, each as its words.
    func lines(_ name: String) throws(SyscallError) -> [[String]] {
        try text(name).map(Self.lines(in:)) ?? []
    }

    /// The numbers of a text.
    static func numbers(in text: [UInt8]) -> [UInt64] {
        text.split(whereSeparator: isBlank).compactMap(Self.number)
    }

    /// The lines `NAME NUMBER` of a text; others are passed over.
    static func named(in text: [UInt8]) -> [(name: String, value: UInt64)] {
        text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count == 2, let value = Self.number(words[1]) else { return nil }
            return (String(decoding: words[0], as: UTF8.self), value)
        }
    }

    /// The words of each line of a text.
    static func lines(in text: [UInt8]) -> [[String]] {
        text.split(separator: UInt8(ascii: "\n")).map { line in
            line.split(whereSeparator: isBlank).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") }

    private static func number(_ text: ArraySlice<UInt8>) -> UInt64? {
        let text = String(decoding: text, as: UTF8.self)
        if text == "max" { return .max }
        // A cpuset's -1, for "the kernel's own choice", as the number that it is in 64 bits.
        return UInt64(text) ?? Int64(text).map { UInt64(bitPattern: $0) }
    }
}
