import ContainerRuntime
import LinuxSys
import LosslessJSON
import OCISpec
import RuntimePlan

/// `checkpoint`.
struct CheckpointCommand {
    private let invocation: Invocation
    private var arguments: ParsedArguments { invocation.arguments }

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) {
        var options = CheckpointOptions(try CRIUSettings(arguments))
        options.parentPath = arguments.value("parent-path").flatMap { $0.isEmpty ? nil : $0 }
        options.savesMemoryOnly = arguments.has("pre-dump")
        options.leavesRunning = arguments.has("leave-running")
        options.skipsConnectionsInFlight = arguments.has("tcp-skip-in-flight")
        options.pageServer = try arguments.value("page-server").flatMap { text throws(RuntimeError) in
            text.isEmpty ? nil : try Self.pageServer(text)
        }
        options.statusDescriptor = try statusDescriptor()
        let checkpoint = try Checkpoint(invocation.id, in: invocation.store)
        let spec = try check(checkpoint.config)
        try checkpoint.save(spec, options)
    }

    /// The config that the container was created with.
    private func check(_ config: [UInt8]) throws(RuntimeError) -> ValidSpec {
        let place = "config.json in the container's state"
        do {
            let json = try JSON(parsing: config)
            let spec = try Spec(json)
            var facts = try HostFacts.gather()
            facts.complete(for: spec)
            return try ValidSpec(checking: spec, on: facts)
        } catch let error as SyscallError {
            throw RuntimeError(error, in: "look at host")
        } catch {
            throw RuntimeError(.state, "\(place) is damaged: \(error)")
        }
    }

    /// `ADDRESS:PORT`; an IPv6 address may stand in brackets.
    static func pageServer(_ text: String) throws(RuntimeError) -> (address: String, port: Int32) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")), colon > 0,
            let port = UInt16(String(decoding: bytes[(colon + 1)...], as: UTF8.self)), port > 0
        else { throw RuntimeError(.usage, "--page-server: expected ADDRESS:PORT, found \(text)") }
        var address = bytes[..<colon]
        if address.first == UInt8(ascii: "["), address.last == UInt8(ascii: "]") {
            address = address.dropFirst().dropLast()
        }
        return (String(decoding: address, as: UTF8.self), Int32(port))
    }

    /// The descriptor of --status-fd, which counts for lazy pages alone; kept from being closed.
    private func statusDescriptor() throws(RuntimeError) -> Int32? {
        guard arguments.has("lazy-pages"), let text = arguments.value("status-fd"), text != "-1" else { return nil }
        guard let number = Int32(text), number >= 0, Files.isOpen(BorrowedFD(rawValue: number)) else {
            throw RuntimeError(.usage, "--status-fd: expected a descriptor that is open, found \(text)")
        }
        // Best effort: a descriptor that tells nothing of itself is none to write to.
        guard (try? Files.isWritable(BorrowedFD(rawValue: number))) == true else {
            throw RuntimeError(.usage, "--status-fd: descriptor \(text) is not open for writing")
        }
        return number
    }
}

extension CRIUSettings {
    /// What `checkpoint` and `restore` have in common. The caller's own paths are resolved while the working folder is the
    /// caller's.
    init(_ arguments: ParsedArguments) throws(RuntimeError) {
        func path(_ name: String) throws(RuntimeError) -> String? {
            guard let path = arguments.value(name), !path.isEmpty else { return nil }
            return try path.absoluteForCaller
        }
        self.init(
            imagePath: try (path("image-path") ?? "checkpoint").absoluteForCaller, workPath: try path("work-path"),
            searchPath: Environment.value(of: "PATH"))
        allowsConnections = arguments.has("tcp-established")
        allowsExternalSockets = arguments.has("ext-unix-sk")
        isShellJob = arguments.has("shell-job")
        keepsFileLocks = arguments.has("file-locks")
        remapsLinks = arguments.has("link-remap")
        movesPagesLazily = arguments.has("lazy-pages")
        deduplicates = arguments.has("auto-dedup")
        switch arguments.value("manage-cgroups-mode") ?? "" {
        case "", "soft": cgroupMode = .soft
        case "full": cgroupMode = .full
        case "strict": cgroupMode = .strict
        case "ignore": cgroupMode = .ignore
        case let mode:
            throw RuntimeError(
                .usage, "--manage-cgroups-mode: expected soft, full, strict or ignore, found \(mode)")
        }
        // What is in a network namespace is never saved: it is the caller's.
        for name in arguments.values("empty-ns") where name != "network" {
            throw RuntimeError(.usage, "--empty-ns: expected network, found \(name)")
        }
    }
}
