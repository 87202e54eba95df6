import LinuxSys

/// The processes in a container's groups.
extension CgroupTree {
    /// The processes of the container, from the first group that can be read.
    func processes() throws(SyscallError) -> [Int32] {
        guard let group = unified ?? group(of: "pids") ?? groups.first else { return [] }
        return try Self.processes(in: group.folder)
    }

    /// The processes of a group and of those below it.
    static func processes(in folder: String) throws(SyscallError) -> [Int32] {
        var hasThreads = false
        let found = try processes(in: folder, hasThreads: &hasThreads)
        guard hasThreads else { return found }
        // Each thread's process, once.
        var processes: [Int32] = []
        for thread in found {
            let process = leader(of: thread)
            if !processes.contains(process) { processes.append(process) }
        }
        return processes
    }

    /// - Parameter hasThreads: becomes true where there are threads among what comes back.
    private static func processes(in folder: String, hasThreads: inout Bool) throws(SyscallError) -> [Int32] {
        var found: [Int32] = []
        var threads = false
        do throws(SyscallError) {
            try walk(
                folder,
                visit: { folder throws(SyscallError) in
                    let text: [UInt8]
                    do throws(SyscallError) {
                        text = try list("cgroup.procs", in: folder)
                    } catch {
                        // A group for threads, which a container can make of its own: their processes are those of a group
                        // above, which need not be the container's.
                        guard error.errno == .ENOTSUP else { throw error }
                        threads = true
                        text = try list("cgroup.threads", in: folder)
                    }
                    found += text.split(separator: UInt8(ascii: "\n")).compactMap {
                        Int32(String(decoding: $0, as: UTF8.self))
                    }
                })
        } catch {
            guard error.errno == .ENOENT || error.errno == .ENODEV else { throw error }
        }
        hasThreads = hasThreads || threads
        return found
    }

    /// The process that a thread is of; itself where it has ended.
    private static func leader(of thread: Int32) -> Int32 {
        // Best effort: a thread that has ended meanwhile needs no signal.
        let text = (try? Files.readFile("/proc/\(thread)/status", limit: 1 << 16)) ?? []
        let line = text.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "Tgid:".utf8) }
        return line.flatMap { Int32(String(decoding: $0.dropFirst("Tgid:\t".utf8.count), as: UTF8.self)) } ?? thread
    }

    /// A list of numbers; empty where the group is gone.
    private static func list(_ name: String, in folder: BorrowedFD) throws(SyscallError) -> [UInt8] {
        do throws(SyscallError) {
            return try Files.readFile(name, in: folder, limit: 1 << 24)
        } catch {
            if error.errno == .ENOENT || error.errno == .ENODEV { return [] }
            throw error
        }
    }

    // MARK: Standing still

    private var freezer: Group? { groups.first { $0.controllers.contains("freezer") && !$0.isUnified } }

    /// Whether the container is frozen, or is being frozen.
    func isFrozen() throws(SyscallError) -> Bool {
        if let freezer {
            let state = try Self.read(freezer, "freezer.state")
            return state.starts(with: "FROZEN".utf8) || state.starts(with: "FREEZING".utf8)
        }
        guard let unified else { return false }
        return try Self.read(unified, "cgroup.freeze").first == UInt8(ascii: "1")
    }

    /// Whether each process of the container stands still by now.
    func isFrozenEntirely() throws(SyscallError) -> Bool {
        if let freezer { return try Self.read(freezer, "freezer.state").starts(with: "FROZEN".utf8) }
        guard let unified else { return false }
        return try Self.stands(unified)
    }

    /// Freezes or thaws the container; the kernel does it by and by.
    func setFrozen(_ frozen: Bool) throws(SyscallError) {
        if let freezer {
            try Files.writeFile(freezer.folder + "/freezer.state", frozen ? "FROZEN" : "THAWED")
        } else if let unified {
            try Files.writeFile(unified.folder + "/cgroup.freeze", frozen ? "1" : "0")
        }
    }

    /// Freezes the container and waits until all of it stands still, a second at most.
    /// - Returns: whether it does.
    func freeze() throws(SyscallError) -> Bool {
        try setFrozen(true)
        var pauseMilliseconds: Int32 = 1
        while try !isFrozenEntirely() {
            guard pauseMilliseconds <= 512 else { return false }
            var nothing: [PollEntry] = []
            _ = try Poll.wait(&nothing, timeoutMilliseconds: pauseMilliseconds)
            pauseMilliseconds *= 2
        }
        return true
    }

    /// Whether what is put in a group stands still there, because of the group or of one above it.
    static func stands(_ group: Group) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            guard group.isUnified else {
                return try !read(group, "freezer.state").starts(with: "THAWED".utf8)
            }
            return try read(group, "cgroup.events").split(separator: UInt8(ascii: "\n")).contains {
                $0.elementsEqual("frozen 1".utf8)
            }
        } catch {
            // The root group has neither file.
            if error.errno == .ENOENT { return false }
            throw error
        }
    }

    // MARK: Signals

    /// Sends a signal to every process of the container, groups below its own included: SIGKILL by cgroup.kill (Linux
    /// 5.14), else by a signal to each while all stand still, so that none is born meanwhile and no pid becomes another's.
    /// A container that stood still before goes on doing so, unless it is to end.
    func killAll(signal: Int32) throws(SyscallError) {
        // Best effort: without a freezer nothing is frozen.
        let wasFrozen = (try? isFrozen()) ?? false
        defer {
            // Best effort: a group that couldn't be frozen needs no thawing. What v1 froze dies only once it is thawed.
            if signal == Signals.kill {
                try? setFrozen(false)
                try? thawAll()
            } else if !wasFrozen {
                try? setFrozen(false)
            }
        }
        if signal == Signals.kill, let unified {
            do throws(SyscallError) {
                try Files.writeFile(unified.folder + "/cgroup.kill", "1")
                return
            } catch {
                // ENOTSUP: a group for threads has the file and doesn't take the word.
                guard error.errno == .ENOENT || error.errno == .ENOTSUP else { throw error }
            }
        }
        // Best effort: what can't be frozen is told pass after pass, one generation after the other.
        let standsStill = (try? freeze()) ?? false
        var told: [Int32] = []
        for _ in 0..<(standsStill ? 1 : 16) {
            let untold = try processes().filter { !told.contains($0) }
            if untold.isEmpty { break }
            for process in untold {
                do throws(SyscallError) {
                    try Processes.kill(process, signal)
                } catch {
                    guard error.errno == .ESRCH else { throw error }
                }
            }
            told += untold
        }
    }

    private static func read(_ group: Group, _ file: String) throws(SyscallError) -> [UInt8] {
        try Files.readFile(group.folder + "/" + file, limit: 4096)
    }
}
