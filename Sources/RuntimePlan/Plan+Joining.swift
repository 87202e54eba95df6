import OCISpec

/// What exec does, in order.
extension Plan {
    static func joiningRuntimeSteps(_ spec: ValidSpec, _ options: PlanOptions) -> [Step] {
        var steps: [Step] = []
        // Before the process exists: a caller that isn't there is told without anything to take back.
        if spec.terminal { steps.append(.connectConsole) }
        // Before enterContainer: from inside, the host's groups can't be reached.
        if !options.withoutCgroups { steps.append(.openCgroups) }
        // Before enterContainer: the process is born with the runtime's, and in its groups.
        if let processors = spec.initialAffinity { steps.append(.setInitialAffinity(processors)) }
        steps.append(.enterContainer)
        // Before releaseProcess: what the program makes is born in the class that it is in.
        if options.joinsResctrl { steps.append(.joinResctrl) }
        // After enterContainer: the groups' processors are what can be chosen from.
        if spec.initialAffinity != nil || spec.finalAffinity != nil {
            steps.append(.setFinalAffinity(spec.finalAffinity))
        }
        // After enterContainer, so that both work at the same time.
        if spec.seccomp != nil { steps.append(.compileSeccomp) }
        // By the runtime: inside a user namespace the process can't.
        steps += limitSteps(spec)
        steps.append(.releaseProcess)
        // After releaseProcess, which brings the filter; before awaitExecution, which may itself need the agent's answer.
        if let listener = spec.seccomp?.listener { steps.append(.passListener(path: listener.path)) }
        // announceProcess comes last: what was announced is running.
        return steps + [.awaitExecution, .announceProcess]
    }

    static func joiningSteps(_ spec: ValidSpec) -> [Step] {
        var steps: [Step] = []
        // Before everything else: no id of the host's stands for anybody in the container's user namespace.
        if spec.creation.has(.user) { steps.append(.becomeNamespaceRoot) }
        if spec.appArmorProfile != nil || spec.seLinuxLabel != nil { steps.append(.openProcfs) }
        if spec.terminal { steps.append(.openTerminal(spec.terminalSize, isConsole: false)) }
        steps.append(.awaitRelease)
        return steps
    }
}
