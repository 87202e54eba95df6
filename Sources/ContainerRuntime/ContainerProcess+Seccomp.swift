import LinuxSys
import RuntimePlan

/// The seccomp filter, and how its listener gets to the runtime.
///
/// The listener of a filter is there once the filter is, and with the filter no call is sure any more to be let through:
/// the process could be stopped in the very `sendmsg` that was to bring the listener to the agent that answers for
/// `sendmsg`. So a courier goes: a process that is cloned before, shares the table of descriptors, and has no filter. The
/// filtered process tells it the number by a store into the page that they share, which is no call; a rule may therefore
/// name any call, `write` and `execve` too. The courier passes the listener on, closes it in the shared table, so that
/// the process that is filtered does not keep alive what it waits for when the agent has died, and ends.
extension ContainerProcess {
    /// Loads the filter; where it has a listener, the agent has that then. Under such a filter: read.
    func loadSeccomp() throws(SyscallError) {
        let flags = plan.spec.seccomp?.flags ?? 0
        guard plan.spec.seccomp?.listener != nil else {
            _ = try LinuxSys.Seccomp.load(program: filter, flags: flags)
            return
        }
        let courier = try sendCourier()
        do throws(SyscallError) {
            let listener = try LinuxSys.Seccomp.load(program: filter, flags: flags)
            // From here on the courier is the one to close it.
            inheritance.progress.descriptor = (consume listener)?.release()
        } catch {
            // There is no filter. The courier is discarded as long as this process is its parent.
            Self.end(courier)
            throw error
        }
        // The agent can answer from here on, this call too, and the courier is gone: the program that is executed next is
        // not to find its end.
        guard try Files.readByte(inheritance.channel.borrowed) == StageMessage.listenerPassed.encoded.first else {
            throw SyscallError(operation: "read channel", errno: .EPIPE, subject: "runtime")
        }
    }

    /// Clones the courier, and tells the runtime of it.
    /// - Returns: its number. No descriptor of it is left that would have to be closed under the filter.
    private func sendCourier() throws(SyscallError) -> Int32 {
        // Nobody can be sure to be let wait for it under the filter, and a dead child is not to be found by the program. The
        // runtime waits until it is gone, before the exec takes this back.
        try Signals.discardChildren()
        let filtered = Processes.processID
        // Its pidfd goes to the runtime, which has to know when it ends, and that it ended before its time.
        let courier = try Processes.clone(.files)
        switch consume courier {
        case .child:
            do throws(SyscallError) {
                try carryListener(of: filtered)
            } catch {
                var failure = StageFailure(error)
                let step = inheritance.progress.current
                if plan.containerSteps.indices.contains(step) { failure.name(plan.containerSteps[step]) }
                // Best effort: the runtime that should read it may be gone, and this process ends in any case.
                try? send(.failure(failure))
            }
            Processes.exitNow(0)
        case .parent(let process):
            do throws(SyscallError) {
                try Sockets.send(
                    inheritance.channel.borrowed, StageMessage.courier.encoded, descriptors: [process.pidfd.borrowed])
            } catch {
                Self.end(process.pid)
                throw error
            }
            return process.pid
        }
    }

    /// Ends the courier, and waits until it is gone: it would stay below the container's first process, dead, if this one ended
    /// before.
    private static func end(_ courier: Int32) {
        // Best effort, all of it: the failure that led here is the one to tell.
        guard let process = try? Processes.openPIDFD(courier) else { return }
        try? Processes.sendSignal(Signals.kill, to: process.borrowed)
        _ = try? Processes.wait(process.borrowed)
    }

    /// What the courier does. Whatever it closes is closed for the process that is filtered, too.
    private func carryListener(of filtered: Int32) throws(SyscallError) {
        // Where the filter can't be loaded, the process ends, and this one with it.
        try Processes.setParentDeathSignal(Signals.kill)
        var nothing: [PollEntry] = []
        while Processes.parentProcessID == filtered {
            guard let number = inheritance.progress.descriptor else {
                try Poll.wait(&nothing, timeoutMilliseconds: 1)
                continue
            }
            let listener = OwnedFD(adopting: number)
            return try Sockets.send(
                inheritance.channel.borrowed, StageMessage.listener.encoded, descriptors: [listener.borrowed])
        }
    }
}
