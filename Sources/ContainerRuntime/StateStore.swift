import LinuxSys
import OCISpec

/// The folder in which every container has a folder of its own.
package struct StateStore: Sendable {
    /// The folder's path.
    package let path: String

    /// A store at `path`.
    package init(path: String) {
        self.path = path
    }

    /// Whether an id can be a container's: 1 to 255 of `A-Z a-z 0-9 _ + . -`, and not `.` or `..`.
    package static func isValid(id: String) -> Bool {
        let bytes = id.utf8
        return (1...255).contains(bytes.count) && id != "." && id != ".."
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "."),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// The id, or the error that says what an id is.
    package static func check(id: String) throws(RuntimeError) {
        guard isValid(id: id) else {
            throw RuntimeError(
                .usage, "invalid container ID format: \"\(id)\"",
                hint: "an id has 1 to 255 of the characters A-Z a-z 0-9 _ + . -, and is neither . nor ..")
        }
    }

    /// Makes a container's folder, exclusively, and locks it.
    /// - Throws: `RuntimeError` `container with given ID already exists` when there is one.
    func claim(_ id: String) throws(RuntimeError) -> ContainerFolder {
        do throws(SyscallError) {
            let root = try openRoot(makes: true)
            do throws(SyscallError) {
                try Files.makeDirectory(id, in: root.borrowed, mode: 0o700)
            } catch {
                guard error.errno == .EEXIST else { throw error }
                throw SyscallError(operation: "", errno: .EEXIST, subject: id)
            }
            do throws(SyscallError) {
                let folder = try Files.open(id, in: root.borrowed, [.directory, .noFollow])
                try Files.lock(folder.borrowed, .exclusive)
                // Before that it was anybody's to delete by force.
                guard try Files.status(of: folder.borrowed).linkCount > 0 else {
                    throw SyscallError(operation: "lock state folder", errno: .ENOENT, subject: id)
                }
                return ContainerFolder(id: id, root: root, folder: folder, isLocked: true)
            } catch {
                // One that has been deleted may be somebody else's by now. Best effort: the failure that led here is the
                // one to tell.
                if error.errno != .ENOENT { try? Files.removeDirectory(id, in: root.borrowed) }
                throw error
            }
        } catch {
            if error.errno == .EEXIST && error.operation.isEmpty {
                throw RuntimeError(.state, "container with given ID already exists")
            }
            throw Self.error(error)
        }
    }

    /// Opens a container's folder.
    /// - Parameter locks: whether to wait for the lock, for commands that change the container. One that reads needs
    ///   none: the record is replaced whole; and a hook that asks for the state while create holds the lock must get it.
    /// - Throws: `RuntimeError` `container does not exist` when there is none.
    func open(_ id: String, locks: Bool) throws(RuntimeError) -> ContainerFolder {
        try Self.check(id: id)
        do throws(SyscallError) {
            let root = try openRoot(makes: false)
            let folder = try Files.open(id, in: root.borrowed, [.directory, .noFollow])
            if locks { try Files.lock(folder.borrowed, .exclusive) }
            // Whoever held the lock may have deleted the container.
            guard try Files.status(of: folder.borrowed).linkCount > 0 else {
                throw SyscallError(operation: "open", errno: .ENOENT, subject: id)
            }
            return ContainerFolder(id: id, root: root, folder: folder, isLocked: locks)
        } catch {
            if error.errno == .ENOENT { throw RuntimeError(.state, "container does not exist") }
            throw Self.error(error)
        }
    }

    /// Whether there is a container of this id.
    package func has(_ id: String) throws(RuntimeError) -> Bool {
        try Self.check(id: id)
        do throws(SyscallError) {
            return try Files.status(path + "/" + id).type == .directory
        } catch {
            if error.errno == .ENOENT { return false }
            throw Self.error(error)
        }
    }

    /// The ids of all containers, sorted.
    package func ids() throws(RuntimeError) -> [String] {
        do throws(SyscallError) {
            let root = try Files.open(path, [.directory])
            return try Files.list(root.borrowed).filter(Self.isValid).sorted()
        } catch {
            if error.errno == .ENOENT { return [] }
            throw Self.error(error)
        }
    }

    /// A failure about the store's folders, with a word on who chooses them.
    private static func error(_ error: SyscallError) -> RuntimeError {
        switch error.errno {
        case .EACCES, .EPERM, .EROFS:
            RuntimeError(
                error, in: "open state",
                hint: "state is kept where the caller may write: an ordinary user has XDG_RUNTIME_DIR set, or names "
                    + "a folder by --root")
        default: RuntimeError(error, in: "open state")
        }
    }

    private func openRoot(makes: Bool) throws(SyscallError) -> OwnedFD {
        do throws(SyscallError) {
            return try Files.open(path, [.directory])
        } catch {
            guard makes, error.errno == .ENOENT else { throw error }
        }
        var partial = path.utf8.first == UInt8(ascii: "/") ? "" : "."
        for name in path.bytewiseParts(separatedBy: "/") {
            partial += "/" + name
            do throws(SyscallError) {
                // What is in it is for its owner alone: the folder itself and every parent that is missing.
                try Files.makeDirectory(partial, mode: 0o700)
            } catch {
                guard error.errno == .EEXIST else { throw error }
            }
        }
        return try Files.open(path, [.directory])
    }
}

/// A container's state folder, open and locked until this value goes.
struct ContainerFolder: ~Copyable {
    /// The container's id.
    let id: String
    /// The store's folder.
    let root: OwnedFD
    /// The container's folder.
    let folder: OwnedFD
    /// Whether it was locked when it was opened.
    private let isLocked: Bool

    init(id: String, root: consuming OwnedFD, folder: consuming OwnedFD, isLocked: Bool) {
        self.id = id
        self.root = root
        self.folder = folder
        self.isLocked = isLocked
    }

    /// The FIFO that `start` writes to; its absence says that the container was started.
    static let startPipe = "start"
    /// The container's process, until create has done its work.
    static let creatingFile = "creating"
    /// The container's process, once create has done its work.
    static let createdFile = "created"
    /// The FIFO that the container's process writes to.
    static let resultPipe = "result"
    /// The config that the container was created with.
    static let configFile = "config.json"
    /// The largest record, and the largest config, in bytes.
    private static let recordBytes = 64 << 20

    /// Reads the record.
    /// - Throws: `RuntimeError` `container does not exist` where it is deleted meanwhile; and where it can't be read.
    func read() throws(RuntimeError) -> ContainerRecord {
        var record = try readRecord()
        var found = try readProcesses()
        // The config is written after the process, and removed before it: where it is there before and after a look, the
        // look should have found one.
        if found == nil, try hasConfig() {
            found = try readProcesses()
            if found == nil, try hasConfig() {
                throw RuntimeError(.state, "\(Self.createdFile) is missing", hint: ContainerRecord.damageHint)
            }
        }
        record.isComplete = found?.isComplete ?? false
        record.pid = found?.process.pid ?? 0
        record.startTicks = found?.process.startTicks ?? 0
        return record
    }

    /// The container's process, and whether create has done its work; nil where there is none yet.
    private func readProcesses() throws(RuntimeError) -> (process: ProcessIdentity, isComplete: Bool)? {
        if let process = try readProcess(Self.createdFile) { return (process, true) }
        if let process = try readProcess(Self.creatingFile) { return (process, false) }
        // Renamed between the two looks, or there is none yet.
        return try readProcess(Self.createdFile).map { ($0, true) }
    }

    private func hasConfig() throws(RuntimeError) -> Bool {
        do throws(SyscallError) {
            return try Files.exists(Self.configFile, in: folder.borrowed)
        } catch {
            throw RuntimeError(error, in: "read record")
        }
    }

    /// Reads the record without the process.
    /// - Parameter waits: whether one that isn't there is waited for, which gives up the lock for a while.
    /// - Throws: `RuntimeError` `container does not exist` where it is deleted meanwhile; and where it can't be read.
    func readRecord(waits: Bool = true) throws(RuntimeError) -> ContainerRecord {
        var bytes = try read(ContainerRecord.file, limit: Self.recordBytes)
        if bytes == nil, waits { bytes = try awaitRecord() }
        guard let bytes else {
            throw RuntimeError(.state, "state.json is missing", hint: ContainerRecord.damageHint)
        }
        let record = try ContainerRecord(decoding: bytes)
        // One that was copied here would have another's process and control groups ended.
        guard record.id == id else {
            throw RuntimeError(
                .state, "state.json is damaged: it is of the container \(record.id)", hint: ContainerRecord.damageHint)
        }
        return record
    }

    /// How long nobody leaves a folder unlocked and without a record while at work in it, in nanoseconds.
    private static let workNanoseconds: Int64 = 2_000_000_000

    /// Reads a record that isn't there. Between mkdir and the first record, and while it is removed, a folder has none for a
    /// moment: whoever is at work there holds the lock, or is about to take it. Where nobody is, whoever was has died.
    /// - Returns: nil where there is none to wait for.
    private func awaitRecord() throws(RuntimeError) -> [UInt8]? {
        var looksWithoutAnybody = 0
        for _ in 0..<1000 {
            let isFree: Bool
            do throws(SyscallError) {
                isFree = try letOthersWork()
            } catch {
                throw RuntimeError(error, in: "read record")
            }
            if let bytes = try read(ContainerRecord.file, limit: Self.recordBytes) { return bytes }
            let status: FileStatus
            do throws(SyscallError) {
                status = try Files.status(of: folder.borrowed)
            } catch {
                throw RuntimeError(error, in: "read record")
            }
            guard status.linkCount > 0 else { throw RuntimeError(.state, "container does not exist") }
            if isFree { looksWithoutAnybody += 1 }
            // Whoever makes or removes one changes the folder: nobody is at work in what has long been as it is.
            if isFree, Clock.realtimeNanoseconds() - status.changedNanoseconds > Self.workNanoseconds { break }
            // Of a millisecond each at least: on a busy machine a create may not come to run for long between mkdir and the lock.
            if looksWithoutAnybody == 200 { break }
        }
        return nil
    }

    /// Waits a moment, without the lock.
    /// - Returns: whether nobody else has it.
    private func letOthersWork() throws(SyscallError) -> Bool {
        // One's own lock keeps off who has made the folder and is about to write the record.
        if isLocked { try unlock() }
        var nothing: [PollEntry] = []
        _ = try Poll.wait(&nothing, timeoutMilliseconds: 1)
        if isLocked {
            try Files.lock(folder.borrowed, .exclusive)
            return true
        }
        let isFree = try Files.tryLock(folder.borrowed, .shared)
        if isFree { try unlock() }
        return isFree
    }

    /// The config that the container was created with; nil where it is missing.
    func readConfigFile() throws(RuntimeError) -> [UInt8]? { try read(Self.configFile, limit: Self.recordBytes) }

    /// A file of the folder's; nil where it is missing.
    /// - Throws: `RuntimeError` of the kind `state` that names the file, for anything else in its place, and for one that
    ///   can't be read whole.
    private func read(_ name: String, limit: Int) throws(RuntimeError) -> [UInt8]? {
        do throws(SyscallError) {
            return try Files.readRegularFile(name, in: folder.borrowed, limit: limit, flags: .noFollow)
        } catch {
            switch error.errno {
            case .ENOENT: return nil
            // A link, a folder, a socket, a FIFO or device, too long, not to be read. What lacks only the caller (EMFILE,
            // ENOMEM, EACCES) says nothing about the file.
            case .ELOOP, .EISDIR, .ENXIO, .EINVAL, .EFBIG, .EIO:
                throw RuntimeError(.state, "\(name) is damaged: \(error)", hint: ContainerRecord.damageHint)
            default: throw RuntimeError(error, in: "read record")
            }
        }
    }

    /// The process that the folder names, whatever the record is worth; nil where it names none.
    func process() -> ProcessIdentity? {
        for name in [Self.createdFile, Self.creatingFile] {
            // Best effort: what can't be read names nobody.
            if let bytes = try? read(name, limit: 4096), let process = ProcessIdentity(decoding: bytes) {
                return process
            }
        }
        return nil
    }

    private func readProcess(_ name: String) throws(RuntimeError) -> ProcessIdentity? {
        guard let bytes = try read(name, limit: 4096) else { return nil }
        let process = ProcessIdentity(decoding: bytes)
        // Its writer may still be at work on the first; the second was whole when it got its name.
        guard process != nil || name == Self.creatingFile else {
            throw RuntimeError(.state, "\(name) is damaged", hint: ContainerRecord.damageHint)
        }
        return process
    }

    /// Writes the record, so that it is there whole or not at all.
    func write(_ record: ContainerRecord) throws(SyscallError) {
        let temporary = ContainerRecord.temporaryFile
        let file = try Files.open(temporary, in: folder.borrowed, [.writeOnly, .create, .truncate], mode: 0o600)
        try Files.writeAll(file.borrowed, record.encoded, subject: temporary)
        try Files.rename(temporary, in: folder.borrowed, to: ContainerRecord.file, in: folder.borrowed)
    }

    /// Writes which process the container's is, while it is being created. Nothing is replaced: a file that is renamed
    /// over another is written to the disk at once by some file systems, which takes longer than the mounts.
    func write(_ process: ProcessIdentity) throws(SyscallError) {
        let file = try Files.open(
            Self.creatingFile, in: folder.borrowed, [.writeOnly, .create, .exclusive], mode: 0o600)
        try Files.writeAll(file.borrowed, process.encoded, subject: Self.creatingFile)
    }

    /// Keeps the config, for what joins the container later.
    func write(config: [UInt8]) throws(SyscallError) {
        let file = try Files.open(
            Self.configFile, in: folder.borrowed, [.writeOnly, .create, .exclusive], mode: 0o600)
        try Files.writeAll(file.borrowed, config, subject: Self.configFile)
    }

    /// Says that create has done all of its work.
    func complete() throws(SyscallError) {
        try Files.rename(Self.creatingFile, in: folder.borrowed, to: Self.createdFile, in: folder.borrowed)
    }

    /// Lets other commands change the container: whoever waits for a process or a hook must not keep them from it.
    func unlock() throws(SyscallError) { try Files.lock(folder.borrowed, .unlocked) }

    /// Waits for the lock again.
    /// - Returns: false when the container was deleted meanwhile.
    func relock() throws(SyscallError) -> Bool {
        try Files.lock(folder.borrowed, .exclusive)
        return try Files.status(of: folder.borrowed).linkCount > 0
    }

    /// Whether `start` was not done yet.
    func hasStartPipe() throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            return try Files.status(Self.startPipe, in: folder.borrowed, follow: false).type == .fifo
        } catch {
            guard error.errno == .ENOENT else { throw error }
            return false
        }
    }

    /// What the runtime puts into the folder.
    private static func isOwn(_ name: String) -> Bool {
        switch name {
        case ContainerRecord.file, ContainerRecord.temporaryFile, createdFile, creatingFile, startPipe, resultPipe,
            configFile, ServiceNotification.folder:
            true
        default: false
        }
    }

    /// Removes the folder and what the runtime has put there, whatever has become of it.
    /// - Throws: `SyscallError` ENOTEMPTY where there is something else, which was never a container's: a wrong `--root`
    ///   leads to folders that are somebody's. Nothing is removed then.
    func remove() throws(SyscallError) {
        // Who looks while it goes sees a container that has stopped, or waits for its end: the record goes when little else is
        // left, and before the files without which a container would seem to be one that is still being created.
        let last = [ContainerRecord.file, Self.creatingFile, Self.createdFile]
        let names = try checkContents()
        for name in names where !last.contains(name) { try Self.remove(name, in: folder.borrowed) }
        for name in last where names.contains(name) { try Self.remove(name, in: folder.borrowed) }
        try Files.removeDirectory(id, in: root.borrowed)
    }

    /// The names in the folder.
    /// - Throws: `SyscallError` ENOTEMPTY where one isn't the runtime's.
    @discardableResult
    func checkContents() throws(SyscallError) -> [String] {
        let names = try Files.list(folder.borrowed)
        for name in names where !Self.isOwn(name) {
            throw SyscallError(operation: "rmdir", errno: .ENOTEMPTY, subject: "\(id), which has \(name) in it")
        }
        return names
    }

    private static func remove(_ name: String, in folder: BorrowedFD) throws(SyscallError) {
        do throws(SyscallError) {
            return try Files.unlink(name, in: folder)
        } catch {
            guard error.errno == .EISDIR else { throw error }
        }
        let below = try Files.open(name, in: folder, [.directory, .noFollow])
        for name in try Files.list(below.borrowed) { try remove(name, in: below.borrowed) }
        try Files.removeDirectory(name, in: folder)
    }
}
