import ContainerRuntime
import LinuxSys

/// The descriptors that the caller wants the container's program to have: `--preserve-fds N`, and those of socket
/// activation (sd_listen_fds(3)). Every other one is made to close before anything else is done.
struct PreservedDescriptors {
    /// The numbers, 3 and up.
    let numbers: [Int32]
    /// The sockets among them that a service manager has handed over; nil for none.
    let activation: SocketActivation?

    init(_ arguments: ParsedArguments) throws(RuntimeError) {
        var wanted = 0
        if let text = arguments.value("preserve-fds") {
            guard let count = Int(text), (0...4096).contains(count) else {
                throw RuntimeError(.usage, "--preserve-fds: expected a number up to 4096, found \(text)")
            }
            wanted = count
        }
        var activated = 0
        if let text = Environment.value(of: "LISTEN_FDS"), let count = Int(text), (1...4096).contains(count),
            Environment.value(of: "LISTEN_PID").flatMap({ Int32($0) }) == Processes.processID
        {
            activated = count
        }
        // The caller that passes activated sockets on passes their number in both ways.
        let total = activated + wanted
        var found: [Int32] = []
        for number in 3..<Int32(3 + total) {
            if Files.isOpen(BorrowedFD(rawValue: number)) {
                found.append(number)
            } else if wanted != activated {
                throw RuntimeError(.usage, "--preserve-fds \(wanted): descriptor \(number) is not open")
            }
        }
        numbers = found
        activation =
            activated == 0
            ? nil : SocketActivation(count: activated, names: Environment.value(of: "LISTEN_FDNAMES"))
        do throws(SyscallError) {
            // What leaked in from the caller must reach neither a hook nor the container.
            try Files.closeRange(from: UInt32(3 + total), .setCloseOnExec)
        } catch {
            throw RuntimeError(error, in: "close descriptors")
        }
    }
}
