import LinuxSys
import OCISpec
import RuntimePlan

/// The systemd driver's part of a create.
extension Launch {
    /// Looks for systemd.
    func connectSystemd(_ instance: SystemdInstance, at step: Step) throws(RuntimeError) {
        do throws(SystemdFailure) {
            let connection = try SystemdConnection(to: instance)
            guard connection.sharesPIDNamespace else {
                throw SystemdFailure(operation: "systemd is in another pid namespace", errno: .ESRCH)
            }
            systemd = connection
            record.scope?.address = connection.address
        } catch {
            throw RuntimeError(error, at: step)
        }
    }

    /// Has systemd make the scope around the container's process, which waits for it before it looks at its groups.
    /// - Parameter other: the process that is to bear the container's, where that is not there yet.
    func startScope(_ unit: TransientUnit, around other: Int32? = nil, at step: Step) throws(RuntimeError) {
        guard let systemd else {
            throw RuntimeError(SyscallError(operation: "ask systemd", errno: .EBADF, subject: unit.name), at: step)
        }
        let process = other ?? record.pid
        do throws(SystemdFailure) {
            try systemd.start(unit, process: process)
        } catch {
            // What did not end in time may still come.
            if error.errno == .ETIMEDOUT { record.scope?.isStarted = true }
            // A process that is gone is none that systemd could have taken; what it has said is why.
            try tellLastWord()
            throw RuntimeError(error, at: step)
        }
        self.systemd = nil
        record.scope?.isStarted = true
        let writes = plan.spec.cgroup.writes.filter { plan.spec.cgroup.layout.hierarchies[$0.hierarchy].isUnified }
        do throws(SyscallError) {
            record.cgroups = try CgroupTree(
                of: unit.name, process: process, on: plan.spec.cgroup.layout, for: writes.map(\.controller))
            try rememberRecord()
        } catch {
            try tellLastWord()
            throw RuntimeError(error, at: step)
        }
    }

    /// Throws what the container's process has said, if it has said something: nothing is expected of it at this time.
    private func tellLastWord() throws(RuntimeError) {
        var entries = [PollEntry(number(of: channel), .readable)]
        guard let count = try? Poll.wait(&entries, timeoutMilliseconds: 0), count > 0 else { return }
        try receive(.ready)
    }
}
