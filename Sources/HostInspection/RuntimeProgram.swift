package import LinuxSys

/// An OCI runtime on this host, asked for the state of its containers (runtime-spec, runtime.md, "Query State").
package struct RuntimeProgram: Equatable, Sendable {
    /// The program.
    package let path: String
    /// Where it keeps its containers, for `--root`; nil for its own default.
    package let root: String?

    /// Names a runtime.
    package init(path: String, root: String? = nil) {
        self.path = path
        self.root = root
    }

    /// What the runtime said.
    package struct Answer: Equatable, Sendable {
        /// Its standard output.
        package var output: [UInt8]
        /// Its standard error.
        package var error: String
        /// How it ended.
        package var status: ExitStatus
    }

    /// `RUNTIME [--root ROOT] state ID`.
    package func state(of id: String) throws(SyscallError) -> Answer {
        let output = try Files.createMemoryFile("runtime-state")
        let error = try Files.createMemoryFile("runtime-error")
        let input = try Files.open("/dev/null")
        var options = SpawnOptions()
        options.standardInput = input.borrowed
        options.standardOutput = output.borrowed
        options.standardError = error.borrowed
        let program = try PreparedExec(
            path: path, arguments: [path] + (root.map { ["--root", $0] } ?? []) + ["state", id],
            environment: Environment.variables)
        let status = try Processes.spawn(program, options).wait()
        try Files.seek(output.borrowed, to: 0)
        try Files.seek(error.borrowed, to: 0)
        return Answer(
            output: try Files.readAll(output.borrowed, limit: 16 << 20, subject: path),
            error: String(decoding: try Files.readAll(error.borrowed, limit: 1 << 20, subject: path), as: UTF8.self),
            status: status)
    }

    /// The runtimes whose folders this knows, by the program's name.
    package enum Kind: String, CaseIterable, Sendable {
        case raindOCI = "raind-oci"
        case runc
        case crun

        /// Where root's containers are, unless it is told otherwise.
        package var defaultRoot: String { "/run/" + rawValue }

        /// The runtime whose container `id` is below `root`, by what it keeps there.
        package init?(root: String, id: String) {
            let folder = root + "/" + id
            if RuntimeProgram.exists(folder + "/status") {
                self = .crun
            } else if RuntimeProgram.exists(folder + "/state.json") {
                self = RuntimeProgram.exists(folder + "/config.json") ? .raindOCI : .runc
            } else {
                return nil
            }
        }
    }

    /// The containers' ids below `root`, sorted; none where nothing can be read.
    package static func ids(below root: String) -> [String] {
        // Best effort: a runtime that was never run has no folder.
        guard let folder = try? Files.open(root, [.readOnly, .directory]), let names = try? Files.list(folder.borrowed)
        else { return [] }
        return names.filter { Kind(root: root, id: $0) != nil }.sorted()
    }

    /// The program of this name in PATH, with what distributions keep from ordinary users' behind it; nil if there is
    /// none.
    package static func find(_ name: String) -> String? {
        let variable = Environment.value(of: "PATH") ?? ""
        let folders = variable.split(separator: ":").map(String.init) + ["/usr/local/bin", "/usr/sbin", "/usr/bin"]
        for folder in folders where folder.utf8.first == UInt8(ascii: "/") {
            // Best effort: what can't be executed is looked for elsewhere.
            if (try? Files.checkAccess(folder + "/" + name, .execute)) != nil { return folder + "/" + name }
        }
        return nil
    }

    private static func exists(_ path: String) -> Bool {
        // Best effort: what can't be seen isn't there for us.
        (try? Files.checkAccess(path, .exists)) != nil
    }
}
