import ContainerRuntime
import LinuxSys
import RuntimePlan

/// `create`, and the part of `run` that is the same.
struct CreateCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    /// Creates the container.
    func create() throws(RuntimeError) {
        try prepare().create()
    }

    /// A caller that doesn't read standard error must not be what the command waits for.
    private static let mostWarnings = 32

    private func warn(_ text: String, restores: Bool) {
        invocation.warn("\(restores ? "restore" : "create") \(invocation.id): \(text)")
    }

    /// Reads and plans; what is left to do is `Launch.create`.
    /// - Parameters:
    ///   - restores: what is left to do is `Launch.restore`.
    ///   - foreground: makes the terminal of a config that asks for one, where no socket is named.
    func prepare(
        restores: Bool = false, foreground: () throws(RuntimeError) -> ConsoleTarget? = { nil }
    ) throws(RuntimeError) -> Launch {
        let arguments = invocation.arguments
        try StateStore.check(id: invocation.id)
        let preserved = try PreservedDescriptors(arguments)
        // The caller's own paths are resolved while the working folder is the caller's.
        let socket = try arguments.value("console-socket").map { path throws(RuntimeError) in try path.absoluteForCaller
        }
        let pidFile = try arguments.value("pid-file").map { path throws(RuntimeError) in try path.absoluteForCaller }
        let pidfdSocket = try arguments.value("pidfd-socket").map { path throws(RuntimeError) in
            try path.absoluteForCaller
        }
        let traceFile = try arguments.value("trace").map { path throws(RuntimeError) in try path.absoluteForCaller }
        let store = StateStore(path: try invocation.store.path.absoluteForCaller)
        let notifies = !restores && ServiceNotification.hostSocket != nil
        let bundle = try BundleReader(
            arguments.value("bundle"), config: arguments.value("config"), for: invocation,
            notifyingFrom: notifies ? store.path + "/" + invocation.id : nil)
        let warnings = bundle.spec.warnings
        for warning in warnings.prefix(Self.mostWarnings) { warn("\(warning)", restores: restores) }
        if warnings.count > Self.mostWarnings {
            warn("and \(warnings.count - Self.mostWarnings) more: raind-oci plan BUNDLE lists all", restores: restores)
        }
        try invocation.checkCgroups(of: bundle.spec)
        var console = socket.map(ConsoleTarget.socket)
        if bundle.spec.terminal, console == nil { console = try foreground() }
        if bundle.spec.terminal, console == nil {
            throw RuntimeError(
                .usage, "a terminal needs --console-socket", pointer: "/process/terminal",
                hint: "the terminal's master has to go to somebody")
        }
        if !bundle.spec.terminal, socket != nil {
            throw RuntimeError(.usage, "--console-socket is for a terminal, and the config asks for none")
        }
        let plan = Plan(
            for: bundle.spec, id: invocation.id,
            options: PlanOptions(
                avoidsPivot: arguments.has("no-pivot"), keepsKeyring: arguments.has("no-new-keyring"),
                withoutCgroups: invocation.withoutCgroups))
        return try Launch(
            plan,
            LaunchOptions(
                store: store, bundle: bundle.path, config: bundle.config, seccompText: bundle.seccompText,
                console: console, pidfdSocket: pidfdSocket,
                pidFile: pidFile, preserved: preserved.numbers, activation: preserved.activation,
                notifies: notifies, traceFile: traceFile,
                isHostRoot: bundle.host.isHostRoot,
                withoutCgroups: invocation.withoutCgroups, keepsKeyring: arguments.has("no-new-keyring"),
                cgroupsAreOptional: invocation.cgroupsAreOptional(isHostRoot: bundle.host.isHostRoot)))
    }
}
