import LinuxSys
import LosslessJSON
import OCISpec
import RuntimePlan

/// The agent that answers for `SCMP_ACT_NOTIFY` (config-linux.md, "Seccomp" and "The Container Process State").
extension Launch {
    /// Takes the filter's listener from the courier and passes it to the agent, on a connection of its own.
    func passListener(at step: Step) throws(RuntimeError) {
        guard let target = plan.spec.seccomp?.listener else { return }
        while true {
            var packet: ReceivedMessage
            do throws(SyscallError) {
                packet = try StageMessage.receivePacket(from: number(of: channel), maximumDescriptors: 2)
            } catch {
                throw RuntimeError(error, at: step)
            }
            switch StageMessage(decoding: packet.bytes) {
            case .listener:
                do throws(SyscallError) {
                    try target.pass(
                        &packet.descriptors, record.processState(.creating, pid: record.pid, metadata: target.metadata))
                } catch {
                    throw RuntimeError(error, at: step)
                }
                return
            case .ready:
                // The process has not waited for its courier.
                isReady = true
            case .failure(let failure): throw RuntimeError(failure)
            default: throw deathOfProcess()
            }
        }
    }
}

extension SeccompListener {
    /// Passes a listener on that the courier has brought, with a pidfd of the courier.
    /// - Parameter state: the container process state.
    func pass(_ brought: inout OwnedFDList, _ state: [UInt8]) throws(SyscallError) {
        guard let listener = brought.popFirst(), let courier = brought.popFirst() else {
            throw SyscallError(operation: "recvmsg", errno: .EPROTO, subject: "seccomp listener")
        }
        // It shares the process's descriptors, and its end would be the program's to see: first it is gone.
        var entries = [PollEntry(courier.borrowed, .readable)]
        try Poll.wait(&entries)
        let socket = try Sockets.connect(path)
        try Sockets.send(socket.borrowed, state, descriptors: [listener.borrowed], subject: path)
    }
}

extension ContainerRecord {
    /// The container process state that the agent gets, with the names of the descriptors that come along.
    /// - Parameter pid: the process that has the filter.
    func processState(_ status: ContainerStatus, pid: Int32, metadata: String?) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("ociVersion", ociVersion)
        writer.name("fds")
        writer.beginArray()
        writer.string("seccompFd")
        writer.endArray()
        writer.member("pid", pid)
        if let metadata, !metadata.isEmpty { writer.member("metadata", metadata) }
        writer.name("state")
        write(status, pid: self.pid, to: &writer)
        writer.endObject()
        return writer.bytes
    }
}
