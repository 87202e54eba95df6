import ContainerRuntime
import LinuxSys

/// One run of the program: the global options, then a command.
@main
enum Program {
    static func main() {
        Heap.setStep(1 << 20)
        setSignals()
        Processes.exitNow(run(Environment.arguments))
    }

    /// What the caller has ignored stays ignored over an exec. A child's end must not be: nobody could wait for it. A reader
    /// that is gone and a limit of a file's size are errors, and not the end in the middle of the work.
    private static func setSignals() {
        // Best effort, all three: the calls can't fail with these arguments.
        try? Signals.setDefault(Signals.child)
        try? Signals.ignore(Signals.pipe)
        try? Signals.ignore(Signals.fileSize)
    }

    /// Runs the command line and gives the exit status.
    private static func run(_ arguments: [String]) -> Int32 {
        var invocation = Invocation()
        do throws(RuntimeError) {
            if let text = try invocation.read(arguments.dropFirst()) {
                try Output.write(text)
                return 0
            }
            try checkProtection()
            let status = try invocation.run()
            invocation.finish()
            return status
        } catch {
            invocation.report(error)
            return invocation.failureStatus
        }
    }

    /// Ends a command that would meet a container's processes without being a copy that they can't write to (CSelfClone).
    private static func checkProtection() throws(RuntimeError) {
        guard let reason = Environment.value(of: "RAIND_OCI_SELF_CLONE_FAILURE") else { return }
        var error = RuntimeError(.system, reason)
        error.step = "protect program"
        throw error
    }
}
