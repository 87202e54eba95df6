import LinuxSys
import RuntimePlan

/// Filters that were compiled before, in a folder of the state root.
///
/// An engine starts its containers with one filter, and reading that takes a fifth of what compiling takes. What is read is
/// trusted as far as the state root is: folder and file belong to the caller, nobody else may write to them, and
/// whoever could write there as the caller could as well run another program in place of this one. An entry counts for
/// exactly the text that it was compiled from, which it holds in full, and for the program that compiled it; whatever
/// is not as it should be is passed over, and the filter is compiled.
struct SeccompCache {
    /// The state root.
    let root: String
    /// The program: an entry of another one may hold another filter.
    let program: Program

    /// The folder's name: no id has a tilde.
    static let folder = "seccomp~"
    /// The shortest text that is looked for. What is shorter is compiled sooner than read.
    static let minimumTextBytes = 4096
    /// How many entries there are at most.
    static let maximumEntries = 64
    /// The largest entry.
    private static let maximumBytes = 1 << 20

    /// Which file a program is, and as of when.
    struct Program: Equatable {
        /// Device, inode, size and time of change.
        let words: [UInt64]

        /// Nil for one that has no name, whose file is another each time.
        init?(_ status: FileStatus) {
            guard status.linkCount > 0 else { return nil }
            words = [
                UInt64(status.device.major) << 32 | UInt64(status.device.minor), status.inode, status.size,
                UInt64(bitPattern: status.changedNanoseconds),
            ]
        }
    }

    /// A cache in a state root, for this program; nil where it can't be said which program that is.
    init?(root: String) {
        guard let status = try? Files.status("/proc/self/exe"), let program = Program(status) else { return nil }
        self.init(root: root, program: program)
    }

    init(root: String, program: Program) {
        self.root = root
        self.program = program
    }

    /// The filter of a config.
    /// - Parameter text: the bytes of `/linux/seccomp` as they stand in the config, of which `seccomp` is made.
    static func filter(
        of seccomp: ValidSeccomp?, text: ArraySlice<UInt8>, root: String
    ) throws(RuntimeError) -> [UInt8] {
        guard text.count >= minimumTextBytes, let cache = SeccompCache(root: root) else {
            return try SeccompProgram.compile(seccomp)
        }
        // Best effort: what can't be read is compiled.
        if let found = try? cache.find(text) { return found }
        let filter = try SeccompProgram.compile(seccomp)
        // Best effort: without an entry the next one compiles again.
        try? cache.keep(filter, for: text)
        return filter
    }

    /// The filter of a text; nil where there is none that can be trusted.
    func find(_ text: ArraySlice<UInt8>) throws(SyscallError) -> [UInt8]? {
        guard let folder = try openFolder() else { return nil }
        let file = try Files.open(Self.name(of: text), in: folder.borrowed, [.readOnly, .noFollow, .nonBlocking])
        let status = try Files.status(of: file.borrowed)
        guard status.type == .regular, Self.isOurs(status), status.linkCount == 1 else { return nil }
        return filter(in: try Files.readAll(file.borrowed, limit: Self.maximumBytes), for: text)
    }

    /// The filter that an entry holds; nil where it is none of this text and this program.
    func filter(in entry: [UInt8], for text: ArraySlice<UInt8>) -> [UInt8]? {
        let header = self.header(of: text)
        // The filter begins where the text ends, and a sum of it stands before the text.
        let start = header.count + 8 + text.count
        guard entry.count > start, (entry.count - start) % 8 == 0, entry.starts(with: header),
            entry[(header.count + 8)..<start] == text
        else { return nil }
        let filter = Array(entry[start...])
        guard entry[header.count..<(header.count + 8)].elementsEqual(Self.bytes(of: Checksum.of(filter[...]))) else {
            return nil
        }
        return filter
    }

    /// Keeps a filter.
    func keep(_ filter: [UInt8], for text: ArraySlice<UInt8>) throws(SyscallError) {
        do throws(SyscallError) {
            try Files.makeDirectory(root + "/" + Self.folder, mode: 0o700)
        } catch {
            guard error.errno == .EEXIST else { throw error }
        }
        guard let folder = try openFolder() else { return }
        let names = try Files.list(folder.borrowed)
        if names.count >= Self.maximumEntries {
            for name in names { try Files.unlink(name, in: folder.borrowed) }
        }
        // Without a name until it is whole: nobody reads half an entry, and who dies here leaves nothing.
        let file = try Files.open(".", in: folder.borrowed, [.writeOnly, .temporaryFile], mode: 0o600)
        try Files.writeAll(file.borrowed, entry(filter, for: text))
        let name = Self.name(of: text)
        do throws(SyscallError) {
            try Files.link(file.borrowed, to: name, in: folder.borrowed)
        } catch {
            guard error.errno == .EEXIST else { throw error }
            // Of another program, or damaged: else it would have been found.
            try Files.unlink(name, in: folder.borrowed)
            try Files.link(file.borrowed, to: name, in: folder.borrowed)
        }
    }

    /// What keeps a filter for a text.
    func entry(_ filter: [UInt8], for text: ArraySlice<UInt8>) -> [UInt8] {
        header(of: text) + Self.bytes(of: Checksum.of(filter[...])) + text + filter
    }

    /// The folder, open; nil where somebody else may have put something into it.
    private func openFolder() throws(SyscallError) -> OwnedFD? {
        let folder = try Files.open(root + "/" + Self.folder, [.readOnly, .directory, .noFollow])
        // Of what was opened, not of what the name leads to by then.
        guard Self.isOurs(try Files.status(of: folder.borrowed)) else { return nil }
        return folder
    }

    /// Whether a file is the caller's, and nobody else may do anything with it.
    private static func isOurs(_ status: FileStatus) -> Bool {
        status.uid == Credentials.userIDs().effective && status.permissions & 0o077 == 0
    }

    /// What an entry begins with.
    private func header(of text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes = Array("raindsc1".utf8)
        for word in program.words { bytes += Self.bytes(of: word) }
        return bytes + Self.bytes(of: UInt64(text.count))
    }

    private static func name(of text: ArraySlice<UInt8>) -> String { String(Checksum.of(text), radix: 16) }

    private static func bytes(of word: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        return bytes
    }
}
