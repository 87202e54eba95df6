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

    /// What the container's process told of a step of a plan; nil when the plan is not at hand.
    init(_ failure: StageFailure, of plan: Plan?) {
        let step = plan.flatMap { plan in
            plan.containerSteps.indices.contains(failure.stepIndex) ? plan.containerSteps[failure.stepIndex] : nil
        }
        guard failure.text.isEmpty else {
            // What callers read of a command stands alone.
            self.init(.command, failure.text, pointer: nil)
            return
        }
        let errno = failure.errno == 0 ? nil : Errno(rawValue: failure.errno)
        self.init(
            step: step?.summary ?? "start", pointer: step?.pointer, operation: failure.operation,
            subject: failure.subject, errno: errno,
            hint: step.flatMap { step in errno.flatMap { Hints.hint(step, $0) } })
    }
}

extension StageFailure {
    /// A failed system call; the step is filled in by the loop that knows it.
    init(_ error: SyscallError) {
        self.init(stepIndex: -1, errno: error.errno.rawValue, operation: error.operation, subject: error.subject)
    }

    /// A command that can't be run.
    init(_ failure: CommandFailure) {
        self.init(stepIndex: -1, errno: 0, operation: "", subject: "", text: failure.text)
    }

    /// A hook that failed.
    init(_ error: RuntimeError) {
        self.init(
            stepIndex: -1, errno: error.errno?.rawValue ?? 0, operation: "", subject: "", text: error.text)
    }
}
