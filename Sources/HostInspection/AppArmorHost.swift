package import LinuxSys

/// AppArmor on this host: whether the kernel has it, what is loaded, and loading.
package enum AppArmorHost {
    /// How a profile stands in the kernel.
    package enum ProfileState: Equatable, Sendable {
        /// The kernel has no AppArmor, or it is switched off: the errno of aa_is_enabled(3).
        case noAppArmor(Errno)
        /// AppArmor is in use, and what it tells of itself isn't mounted.
        case noFileSystem
        /// The profile isn't loaded.
        case notLoaded
        /// The profile is loaded in this mode: `enforce`, `complain`, `kill`, `unconfined`.
        case loaded(mode: String)
        /// What is loaded can't be read.
        case unreadable(SyscallError)
    }

    /// How the profile of this name stands in the kernel.
    package static func state(of name: String) -> ProfileState {
        if let reason = AppArmor.reasonUnavailable() { return reason == .ENOENT ? .noFileSystem : .noAppArmor(reason) }
        do throws(SyscallError) {
            guard let loaded = try AppArmor.profiles().first(where: { $0.name == name }) else { return .notLoaded }
            return .loaded(mode: loaded.mode)
        } catch {
            return .unreadable(error)
        }
    }

    /// The processes that run under this profile, alone or stacked. Without it they would go on unconfined by it.
    package static func processes(under profile: String) throws(SyscallError) -> [Int32] {
        var found: [Int32] = []
        let processes = try Files.open("/proc", [.readOnly, .directory])
        for name in try Files.list(processes.borrowed, subject: "/proc") {
            guard let pid = Int32(name) else { continue }
            // Best effort: a process that has ended meanwhile is no longer under anything. Before Linux 5.8 there is the
            // second file alone.
            let own = try? Files.readFile("\(pid)/attr/apparmor/current", in: processes.borrowed, limit: 1 << 16)
            let any = try? Files.readFile("\(pid)/attr/current", in: processes.borrowed, limit: 1 << 16)
            let label = ProcessLabels(appArmor: own, current: any, hasAppArmor: true)
            if let confining = label.appArmorProfile, AppArmor.components(ofLabel: confining).contains(profile),
                let status = try? Files.readFile("\(pid)/stat", in: processes.borrowed, limit: 4096), !isZombie(status)
            {
                found.append(pid)
            }
        }
        return found.sorted()
    }

    /// Whether /proc/PID/stat is that of a process that has ended and wasn't waited for; its name may hold anything.
    private static func isZombie(_ status: [UInt8]) -> Bool {
        guard let end = status.lastIndex(of: UInt8(ascii: ")")) else { return false }
        return status[end...].dropFirst(2).first == UInt8(ascii: "Z")
    }

    /// Where the parser is looked for: distributions put it in sbin, which an ordinary user's PATH leaves out.
    private static let parserFolders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin", "/usr/local/bin"]

    /// The path of apparmor_parser, or nil if it isn't installed.
    package static func parserPath() -> String? {
        for folder in parserFolders {
            let path = folder + "/apparmor_parser"
            // Best effort: what can't be executed is looked for elsewhere.
            if (try? Files.checkAccess(path, .execute)) != nil { return path }
        }
        return nil
    }

    /// What apparmor_parser(8) does with a profile.
    package enum Change: String, Sendable {
        /// Loads it, in the place of one of the same name.
        case replace = "--replace"
        /// Takes it out of the kernel. What runs under it goes on unconfined.
        case remove = "--remove"
    }

    /// Has apparmor_parser(8), which writes its own messages to our standard error, do something with the profile of this
    /// text.
    package static func change(
        _ change: Change, _ text: String, parser: String
    ) throws(SyscallError) -> ExitStatus {
        let input = try Files.createMemoryFile("apparmor-profile")
        try Files.writeAll(input.borrowed, text)
        var options = SpawnOptions()
        // A descriptor of its own, so that the parser reads from the start.
        let reading = try Files.open("/proc/self/fd/\(input.borrowed.rawValue)")
        options.standardInput = reading.borrowed
        options.standardOutput = .standardError
        let program = try PreparedExec(
            path: parser, arguments: ["apparmor_parser", change.rawValue, "--skip-cache"],
            environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
        return try Processes.spawn(program, options).wait()
    }
}
