import ArgumentParser
import LinuxSys

// SIGXFSZ, 25 on every architecture but mips, ends who writes past the limit on the size of files. Ignored, the write
// fails with EFBIG, and is told and undone like any other. Best effort: it is no more than what one expects.
try? Signals.ignore(Signals.fileSize)
// Ignored by the caller, no child's end could be waited for. Best effort: as above.
try? Signals.setDefault(Signals.child)

// ArgumentParser ends wrong use with 64; here it is 2, and 1 is an answer: no.
do {
    var command = try RaindProfile.command(for: Array(CommandLine.arguments.dropFirst()))
    try command.run()
} catch let failure as CommandFailure {
    Output.error(failure.message)
    RaindProfile.exit(withError: ExitCode(failure.status))
} catch {
    // Help and the version are thrown too, and are no failures.
    let status = RaindProfile.exitCode(for: error)
    if error is ExitCode || status.isSuccess { RaindProfile.exit(withError: error) }
    let message = RaindProfile.fullMessage(for: error)
    // All messages begin with the program's name.
    Output.error(message.hasPrefix("Error: ") ? String(message.dropFirst(7)) : message)
    RaindProfile.exit(withError: ExitCode(2))
}
