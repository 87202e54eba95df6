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
                packet = try receivePacket(maximumDescriptors: 2)
            } catch {
                throw RuntimeError(error, at: step)
            }
            switch StageMessage(decoding: packet.bytes) {
            case .listener:
                guard let listener = packet.descriptors.popFirst(), let courier = packet.descriptors.popFirst() else {
                    throw deathOfProcess()
                }
                do throws(SyscallError) {
                    // It shares the process's descriptors, and its end would be the program's to see: first it is gone.
                    var entries = [PollEntry(courier.borrowed, .readable)]
                    try Poll.wait(&entries)
                    try pass(listener, to: target)
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

    private func pass(_ listener: consuming OwnedFD, to target: SeccompListener) throws(SyscallError) {
        let socket = try Sockets.connect(target.path)
        try Sockets.send(
            socket.borrowed, record.processState(metadata: target.metadata), descriptors: [listener.borrowed],
            subject: target.path)
    }
}

extension ContainerRecord {
    /// The container process state that the agent gets, with the names of the descriptors that come along.
    func processState(metadata: String?) -> [UInt8] {
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
        write(.creating, pid: pid, to: &writer)
        writer.endObject()
        return writer.bytes
    }
}
