import LinuxSys
import OCISpec
import RuntimePlan

extension RuntimeError {
    /// A system call of a step failed.
    init(_ error: SyscallError, at step: Step) {
        self.init(
            step: step.summary, pointer: step.pointer, operation: error.operation, subject: error.subject,
            errno: error.errno, hint: Hints.hint(step, error.errno))
    }

    /// What the container's process told.
    init(_ failure: StageFailure) {
        guard failure.text.isEmpty else {
            // What callers read of a command stands alone.
            self.init(.command, failure.text, pointer: nil)
            return
        }
        self.init(
            step: failure.step.isEmpty ? "start" : failure.step,
            pointer: failure.pointer.isEmpty ? nil : failure.pointer, operation: failure.operation,
            subject: failure.subject, errno: failure.errno == 0 ? nil : Errno(rawValue: failure.errno),
            hint: failure.hint.isEmpty ? nil : failure.hint)
    }
}

extension StageFailure {
    /// A failed system call; the step is filled in by the loop that knows it.
    init(_ error: SyscallError) {
        self.init(errno: error.errno.rawValue, operation: error.operation, subject: error.subject)
    }

    /// Names the step that failed.
    mutating func name(_ step: Step) {
        self.step = step.summary
        pointer = step.pointer ?? ""
        hint = errno == 0 ? "" : Hints.hint(step, Errno(rawValue: errno)) ?? ""
    }

    /// A command that can't be run.
    init(_ failure: CommandFailure) {
        self.init(errno: 0, operation: "", subject: "", text: failure.text)
    }

    /// A hook that failed.
    init(_ error: RuntimeError) {
        self.init(
            errno: error.errno?.rawValue ?? 0, operation: "", subject: "", text: error.text)
    }
}
