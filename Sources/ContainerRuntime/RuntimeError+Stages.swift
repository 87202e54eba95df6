import LinuxSys
import OCISpec
import RuntimePlan

extension RuntimeError {
    /// A system call of a step failed.
    init(_ error: SyscallError, at step: Step) {
        self.init(
            step: step.summary, pointer: step.pointer(about: error.subject), operation: error.operation,
            subject: error.subject, errno: error.errno, hint: Hints.hint(step, error.errno))
    }

    /// A container's process ended without a word.
    /// - Parameters:
    ///   - status: how; nil where that is not known.
    ///   - groups: the container's control groups.
    init(deathAt progress: SharedProgress, of plan: Plan, _ status: ExitStatus?, in groups: CgroupTree) {
        let index = progress.current
        let step = plan.containerSteps.indices.contains(index) ? plan.containerSteps[index] : nil
        self.init(.system, "the container's process died", pointer: step?.pointer)
        self.step = step?.summary
        switch status {
        case .exited(let code): message += " with exit status \(code)"
        case .signaled(let signal, _):
            message += " of \(Signal(rawValue: signal)?.name ?? String(signal))"
            // A limit of memory that leaves no room for the runtime's own few pages, perhaps.
            if signal == Signals.kill { explain(groups.outOfMemory()) }
        case nil: break
        }
    }

    /// What the container's process told.
    init(_ failure: StageFailure) {
        guard failure.text.isEmpty else {
            // What callers read of a command stands alone.
            self.init(.command, failure.text, pointer: nil, hint: failure.hint.isEmpty ? nil : failure.hint)
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
        pointer = step.pointer(about: subject) ?? ""
        if errno != 0 { hint = Hints.hint(step, Errno(rawValue: errno)) ?? "" }
    }

    /// A command that can't be run.
    init(_ failure: CommandFailure) {
        self.init(errno: 0, operation: "", subject: "", text: failure.text)
        hint = failure.hint ?? ""
    }

    /// A hook that failed.
    init(_ error: RuntimeError) {
        self.init(
            errno: error.errno?.rawValue ?? 0, operation: "", subject: "", text: error.text)
    }
}
