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
        // After enterContainer, so that both work at the same time.
        if spec.seccomp != nil { steps.append(.compileSeccomp) }
        // By the runtime: inside a user namespace the process can't. Before releaseProcess: who is born later inherits them.
        steps += inheritedLimits(spec)
        // awaitBirth after releaseProcess, which brings the filter.
        steps += [.releaseProcess, .awaitBirth]
        if awaitsLimits(spec) {
            // After awaitBirth: by then the process is in the groups whose processors are what can be chosen from.
            if setsAffinity(spec) { steps.append(.setFinalAffinity(spec.finalAffinity)) }
            // After awaitBirth: a scheduler need not be inherited, and with a deadline nobody makes a process.
            if let scheduler = spec.scheduler { steps.append(.setScheduler(scheduler)) }
            steps.append(.confirmLimits)
        }
        // After awaitBirth: the agent gets the number of the process; before awaitExecution, which may itself need its answer.
        if let listener = spec.seccomp?.listener { steps.append(.passListener(path: listener.path)) }
        // announceProcess comes last: what was announced is running.
        return steps + [.awaitExecution, .announceProcess]
    }

    /// The limits of a process that those which it makes have too.
    private static func inheritedLimits(_ spec: ValidSpec) -> [Step] {
        limitSteps(spec).filter { if case .setScheduler = $0 { false } else { true } }
    }

    private static func setsAffinity(_ spec: ValidSpec) -> Bool {
        spec.initialAffinity != nil || spec.finalAffinity != nil
    }

    /// Whether something is set of the process itself that it can't inherit.
    package static func awaitsLimits(_ spec: ValidSpec) -> Bool { setsAffinity(spec) || spec.scheduler != nil }

    static func joiningSteps(_ spec: ValidSpec) -> [Step] {
        var steps: [Step] = []
        // Before everything else: no id of the host's stands for anybody in the container's user namespace.
        if spec.creation.has(.user) { steps.append(.becomeNamespaceRoot) }
        if spec.terminal { steps.append(.openTerminal(spec.terminalSize, isConsole: false)) }
        steps.append(.awaitRelease)
        return steps
    }
}
