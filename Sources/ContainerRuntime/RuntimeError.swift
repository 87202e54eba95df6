package import LinuxSys
package import OCISpec

/// Why a command failed: one line for people and for the callers that read only the last line.
package struct RuntimeError: Error {
    /// What kind of failure it is, which decides what it is told as.
    package enum Kind: Sendable {
        /// The command line is wrong.
        case usage
        /// The config is wrong, or asks for what this host cannot do.
        case config
        /// The container is not in the state that the command needs, or there is none.
        case state
        /// The user's command cannot be run.
        case command
        /// A system call failed.
        case system
    }

    /// What kind of failure it is.
    package var kind: Kind
    /// What failed, without step and place: a fixed text, or operation, subject and errno.
    package var message: String
    /// The step that failed, `mount proc on /proc`.
    package var step: String?
    /// The JSON pointer of what asked for it.
    package var pointer: String?
    /// The errno, where a system call failed.
    package var errno: Errno?
    /// What to do about it.
    package var hint: String?
    /// Every problem of a config, where that is what failed.
    package private(set) var problems: [String] = []

    /// An error with a fixed text.
    package init(_ kind: Kind, _ message: String, pointer: String? = nil, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.pointer = pointer
        self.hint = hint
    }

    /// A failed system call, in no step of a plan.
    /// - Parameter task: what it was made for, in words like a step's: `read record`.
    package init(_ error: SyscallError, in task: String, hint: String? = nil) {
        self.init(
            step: task, pointer: nil, operation: error.operation, subject: error.subject, errno: error.errno, hint: hint
        )
    }

    /// A failed step.
    package init(
        step: String, pointer: String?, operation: String, subject: String, errno: Errno?, hint: String?
    ) {
        kind = .system
        self.step = step
        self.pointer = pointer
        self.errno = errno
        self.hint = hint
        var message = operation
        // A subject that the step has just named says nothing twice.
        if !subject.isEmpty, !step.hasSuffix(subject) { message += " " + subject }
        if let errno { message += ": " + errno.name }
        self.message = message
    }

    /// Every problem of a config: the first three, and how many more there are.
    package init(_ problems: SpecProblems) {
        kind = .config
        self.problems = problems.problems.map { "\($0)" }
        message = self.problems.prefix(3).joined(separator: "; ")
        if self.problems.count > 3 {
            message += "; and \(self.problems.count - 3) more: raind-oci plan BUNDLE lists all"
        }
    }

    /// The line, without the program's name and the command's: one line of readable length whatever it is about.
    package var text: String {
        // Each part by itself: what is long is a name, which mostly stands in all of them.
        var text = ""
        let pointer = pointer?.shortened(to: 500)
        if let step {
            text += step.shortened(to: 1000)
            if let pointer { text += " (\(pointer))" }
            text += ": "
        } else if let pointer {
            text += pointer + ": "
        }
        text += message.shortened(to: 2500)
        if let hint { text += "; hint: " + hint.shortened(to: 500) }
        return text.oneLine
    }
}
