import LinuxSys
import RuntimePlan

/// How a process that joins gets into the container's pid namespace.
///
/// Nobody enters a pid namespace but by being born in it. Who is, is seen there, and can be traced by whoever has
/// CAP_SYS_PTRACE over the user namespace that the runtime is in: it gets what the process has, rights, descriptors and
/// memory. So the process that joins stays outside until it has nothing left that the program isn't to have, makes another one
/// as it is by then, and ends.
extension ContainerProcess {
    /// Whether the filter lets be done what is left of ours from here on.
    var filterAllowsSuccession: Bool {
        plan.spec.seccomp?.listener == nil
            && SeccompProgram.allowsSuccession(
                filter, withTerminal: plan.spec.terminal, reading: Plan.awaitsLimits(plan.spec))
    }

    /// Has another process take this one's place. It returns there; nothing is done where that was before.
    mutating func enterPIDNamespace() throws(SyscallError) {
        guard let successor = inheritance.successor, !hasEnteredPIDNamespace else { return }
        // Best effort: it is for the message of an exec that AppArmor refuses.
        if plan.spec.appArmorProfile != nil { ownLabel = try? Procfs.appArmorConfinement(number(of: procfs)) }
        procfs = nil
        terminal = nil
        rootfs = Rootfs()
        try Self.closeAll(but: inheritance.lasting)
        guard try successor.cloneSibling() else { Processes.exitNow(0) }
        hasEnteredPIDNamespace = true
        if let activation = inheritance.activation {
            environment = activation.announced(in: environment, to: Processes.processID)
        }
    }
}
