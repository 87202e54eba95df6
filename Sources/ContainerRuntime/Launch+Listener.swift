import LinuxSys
import LosslessJSON
import OCISpec
import RuntimePlan

extension Launch {
    /// Takes the filter's listener from the courier and passes it to the agent.
    func passListener(at step: Step) throws(RuntimeError) {
        guard let target = plan.spec.seccomp?.listener else { return }
        let state = record.processState(.creating, pid: record.pid, metadata: target.metadata)
        try target.pass(state, over: number(of: channel), at: step) { deathOfProcess() }
    }
}

/// The agent that answers for `SCMP_ACT_NOTIFY` (config-linux.md, "Seccomp" and "The Container Process State").
extension SeccompListener {
    /// Takes the filter's listener from the courier, passes it to the agent on a connection of its own, and lets the
    /// process go on.
    /// - Parameters:
    ///   - state: the container process state.
    ///   - channel: the channel to the process and its courier.
    ///   - death: why the process has ended without a word.
    /// - Throws: `RuntimeError` of the step, or what the process sent.
    func pass(
        _ state: [UInt8], over channel: BorrowedFD, at step: Step, death: () -> RuntimeError
    ) throws(RuntimeError) {
        let courier = try Self.receive(.courier, from: channel, at: step, death)
        do throws(RuntimeError) {
            try pass(state, from: courier.borrowed, over: channel, at: step, death: death)
        } catch {
            // Before the process is ended, which discards it. Without that it would be dead for ever below the container's
            // first process. Best effort: the failure that led here is the one to tell.
            var entries = [PollEntry(courier.borrowed, .readable)]
            try? Processes.sendSignal(Signals.kill, to: courier.borrowed)
            _ = try? Poll.wait(&entries, timeoutMilliseconds: 1000)
            throw error
        }
    }

    private func pass(
        _ state: [UInt8], from courier: BorrowedFD, over channel: BorrowedFD, at step: Step,
        death: () -> RuntimeError
    ) throws(RuntimeError) {
        do throws(SyscallError) {
            // The courier may be killed, as for want of memory; the process would wait for ever then.
            var entries = [PollEntry(channel, .readable), PollEntry(courier, .readable)]
            try Poll.wait(&entries)
            if entries[0].ready.isEmpty {
                // What it has sent before its end is there; a process that has ended it comes to say why.
                var said = [PollEntry(channel, .readable)]
                guard try Poll.wait(&said, timeoutMilliseconds: 1000) > 0 else {
                    throw SyscallError(operation: "waitid", errno: .ESRCH, subject: "courier of the seccomp listener")
                }
            }
        } catch {
            throw RuntimeError(error, at: step)
        }
        let listener = try Self.receive(.listener, from: channel, at: step, death)
        do throws(SyscallError) {
            // It shares the process's descriptors, and its end would be the program's to see: first it is gone.
            var entries = [PollEntry(courier, .readable)]
            try Poll.wait(&entries)
            let socket = try Sockets.connect(path)
            try Sockets.send(socket.borrowed, state, descriptors: [listener.borrowed], subject: path)
        } catch {
            throw RuntimeError(error, at: step)
        }
        do throws(SyscallError) {
            try Sockets.send(channel, StageMessage.listenerPassed.encoded)
        } catch {
            guard error.errno == .EPIPE || error.errno == .ECONNRESET else { throw RuntimeError(error, at: step) }
            // Nobody is there to read it. Best effort: one who is reads the end of file, and says so.
            try? Sockets.finishWriting(channel)
            _ = try Self.receive(.courier, from: channel, at: step, death)
            throw death()
        }
    }

    /// Waits for a message that comes with a descriptor.
    private static func receive(
        _ expected: StageMessage, from channel: BorrowedFD, at step: Step, _ death: () -> RuntimeError
    ) throws(RuntimeError) -> OwnedFD {
        var packet: ReceivedMessage
        do throws(SyscallError) {
            packet = try StageMessage.receivePacket(from: channel, maximumDescriptors: 1)
        } catch {
            throw RuntimeError(error, at: step)
        }
        let message = StageMessage(decoding: packet.bytes)
        if case .failure(let failure) = message { throw RuntimeError(failure) }
        guard message == expected, let descriptor = packet.descriptors.popFirst() else { throw death() }
        return descriptor
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
