package import LosslessJSON

/// `/process`: the container's process (config.md, "Process"), and the whole document that `exec --process` reads.
package struct Process: Sendable {
    /// `/process/terminal`: whether the process gets a terminal. Absent: false.
    package var terminal: Bool?
    /// `/process/consoleSize`: the size of the terminal. To be ignored without one.
    package var consoleSize: ConsoleSize?
    /// `/process/cwd`, REQUIRED: the working directory, absolute, in the container.
    package var cwd: String
    /// `/process/env`: the environment, as `NAME=value`.
    package var env: [String]?
    /// `/process/args`: the program and its arguments, as for execvp(3).
    package var args: [String]?
    /// `/process/user`: who the process runs as.
    package var user: User?
    /// `/process/rlimits`: resource limits.
    package var rlimits: [Rlimit]?
    /// `/process/apparmorProfile`: the AppArmor profile's name.
    package var apparmorProfile: String?
    /// `/process/capabilities`: the five capability sets.
    package var capabilities: Capabilities?
    /// `/process/noNewPrivileges`: whether `PR_SET_NO_NEW_PRIVS` is set. Absent: false.
    package var noNewPrivileges: Bool?
    /// `/process/oomScoreAdj`: what is written to `/proc/PID/oom_score_adj`; the kernel takes -1000 to 1000. Absent:
    /// the value is left alone.
    package var oomScoreAdj: Int?
    /// `/process/scheduler`: the scheduling policy.
    package var scheduler: Scheduler?
    /// `/process/selinuxLabel`: the SELinux label of the process.
    package var selinuxLabel: String?
    /// `/process/ioPriority`: the I/O priority.
    package var ioPriority: IOPriority?
    /// `/process/execCPUAffinity`: the CPUs of a process that joins the container.
    package var execCPUAffinity: ExecCPUAffinity?

    /// Makes a process of which only the working directory is known.
    package init(cwd: String) { self.cwd = cwd }

    /// Reads a document that is a bare `process` object, such as the file of `exec --process`. Pointers in problems
    /// start at that object: `/cwd`.
    package init(_ json: JSON) throws(SpecProblems) {
        self = try SpecDecoder.decode(Process.self, from: json)
    }

    /// `/process/consoleSize`: the size of a terminal, in characters. Each of both is REQUIRED.
    package struct ConsoleSize: Equatable, Sendable {
        /// `/process/consoleSize/height`: the number of rows.
        package var height: UInt64
        /// `/process/consoleSize/width`: the number of columns.
        package var width: UInt64

        /// Makes a size.
        package init(height: UInt64, width: UInt64) {
            self.height = height
            self.width = width
        }
    }
}

extension Process: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        terminal = decoder.bool("terminal", in: object)
        consoleSize = decoder.section("consoleSize", in: object)
        cwd = decoder.requiredString("cwd", in: object)
        env = decoder.strings("env", in: object)
        args = decoder.strings("args", in: object)
        user = decoder.section("user", in: object)
        rlimits = decoder.sections("rlimits", in: object)
        apparmorProfile = decoder.string("apparmorProfile", in: object)
        capabilities = decoder.section("capabilities", in: object)
        noNewPrivileges = decoder.bool("noNewPrivileges", in: object)
        oomScoreAdj = decoder.integer("oomScoreAdj", in: object)
        scheduler = decoder.section("scheduler", in: object)
        selinuxLabel = decoder.string("selinuxLabel", in: object)
        ioPriority = decoder.section("ioPriority", in: object)
        execCPUAffinity = decoder.section("execCPUAffinity", in: object)
    }
}

extension Process.ConsoleSize: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        height = decoder.requiredInteger("height", in: object)
        width = decoder.requiredInteger("width", in: object)
    }
}
