import ContainerRuntime
import LinuxSys

/// One run of the program: the global options, then a command.
@main
enum Program {
    static func main() {
        Heap.setStep(1 << 20)
        Processes.exitNow(run(Environment.arguments))
    }

    /// Runs the command line and gives the exit status.
    private static func run(_ arguments: [String]) -> Int32 {
        var invocation = Invocation()
        do throws(RuntimeError) {
            if let text = try invocation.read(arguments.dropFirst()) {
                try Output.write(text)
                return 0
            }
            let status = try invocation.run()
            invocation.finish()
            return status
        } catch {
            invocation.report(error)
            return invocation.failureStatus
        }
    }
}
