package import LinuxSys
package import OCISpec
package import RuntimePlan

/// What the command line says about a create beyond the plan.
package struct LaunchOptions: Sendable {
    /// Where the state is kept.
    package var store: StateStore
    /// The bundle's absolute path.
    package var bundle: String
    /// The config as it was read: what joins the container later goes by it, whatever becomes of the bundle.
    package var config: [UInt8]
    /// The part of it that is `/linux/seccomp`; empty where there is none.
    package var seccompText: ArraySlice<UInt8>
    /// Where the terminal's master goes; nil without a terminal.
    package var console: ConsoleTarget?
    /// The UNIX socket that gets a pidfd of the container's process.
    package var pidfdSocket: String?
    /// The file that gets the process id.
    package var pidFile: String?
    /// The descriptors that the program gets beside the standard ones.
    package var preserved: [Int32]
    /// The sockets among them that the service manager has handed over; nil for none.
    package var activation: SocketActivation?
    /// Whether the config has a socket of the runtime's for sd_notify(3).
    package var notifies: Bool
    /// The file that gets the trace.
    package var traceFile: String?
    /// Whether the caller is root over the whole machine.
    package var isHostRoot: Bool
    /// Whether the container is left in the caller's control groups.
    package var withoutCgroups: Bool
    /// Whether the container's processes keep their callers' session keyrings.
    package var keepsKeyring: Bool
    /// Whether the container is left there too where the caller may make none and the config asks for nothing of them.
    package var cgroupsAreOptional: Bool

    /// Options as given.
    package init(
        store: StateStore, bundle: String, config: [UInt8], seccompText: ArraySlice<UInt8>, console: ConsoleTarget?,
        pidfdSocket: String?,
        pidFile: String?,
        preserved: [Int32], activation: SocketActivation?, notifies: Bool,
        traceFile: String?, isHostRoot: Bool, withoutCgroups: Bool,
        keepsKeyring: Bool, cgroupsAreOptional: Bool
    ) {
        self.store = store
        self.bundle = bundle
        self.config = config
        self.seccompText = seccompText
        self.console = console
        self.pidfdSocket = pidfdSocket
        self.pidFile = pidFile
        self.preserved = preserved
        self.activation = activation
        self.notifies = notifies
        self.traceFile = traceFile
        self.isHostRoot = isHostRoot
        self.withoutCgroups = withoutCgroups
        self.keepsKeyring = keepsKeyring
        self.cgroupsAreOptional = cgroupsAreOptional
    }
}

/// A create in progress: it runs the plan's runtime steps in order and holds what they make until it is recorded. When a
/// step fails, what was made before it is taken back.
package final class Launch: ForegroundProcess {
    let plan: Plan
    let options: LaunchOptions
    let progress: SharedProgress
    var trace: Trace
    /// What `state` tells of the container.
    package internal(set) var record: ContainerRecord

    var folder: ContainerFolder?
    var startPipe: OwnedFD?
    var resultPipe: OwnedFD?
    var console: OwnedFD?
    var channel: OwnedFD?
    var child: ChildProcess?
    var entrance = CgroupEntrance()
    /// The control groups that there are by now.
    var made: [CgroupTree.Group] = []
    var filter: [UInt8] = []
    /// What network devices are moved by; nil without any.
    var network: NetworkTransfer?
    /// The systemd that makes the control groups; nil where the runtime does.
    var systemd: SystemdConnection?
    /// Trees for bind mounts and devices, and user namespaces for new file systems.
    var sources: [SourceTree] = []
    /// The device nodes among them.
    var preparedDevices = OwnedFDList()
    /// The user namespaces that mounts are mapped by.
    var idMaps: [MadeIDMap] = []
    /// The root file system's tree, where root of the container's user namespace may not be let through to it.
    var rootTree: BorrowedFD?
    var sourceDescriptors = OwnedFDList()

    /// Prepares a create; nothing is touched yet.
    package init(_ plan: Plan, _ options: LaunchOptions) throws(RuntimeError) {
        self.plan = plan
        self.options = options
        trace = Trace(path: options.traceFile)
        do throws(SyscallError) {
            progress = try SharedProgress(stepCount: plan.containerSteps.count, keepsTimes: options.traceFile != nil)
        } catch {
            throw RuntimeError(error, in: "share progress")
        }
        let creator: ProcessIdentity
        do throws(SyscallError) {
            guard let found = try ProcessIdentity.read(pid: Processes.processID) else {
                throw SyscallError(operation: "read stat", errno: .ESRCH, subject: "/proc/self")
            }
            creator = found.identity
        } catch {
            throw RuntimeError(error, in: "identify runtime")
        }
        record = ContainerRecord(
            ociVersion: plan.spec.ociVersion, id: plan.id, creator: creator, bundle: options.bundle,
            rootfs: plan.spec.root.absolute(in: options.bundle), created: Clock.realtimeText(),
            annotations: plan.spec.annotations.map { ($0.key, $0.value) }, owner: Credentials.userIDs().real,
            hasPIDNamespace: plan.spec.creation.new.contains(.pid), keepsKeyring: options.keepsKeyring,
            cgroups: CgroupTree(groups: []), laterHooks: ContainerHooks.encode(plan.spec.allHooks))
    }

    /// Creates the container.
    /// - Throws: `RuntimeError`; nothing of the container is left then.
    package func create() throws(RuntimeError) {
        let own = Processes.processID
        for step in plan.runtimeSteps {
            let start = trace.now
            do throws(RuntimeError) {
                try perform(step)
            } catch {
                takeBack()
                throw error
            }
            trace.add(step.summary, process: own, since: start)
        }
        addContainerSteps()
        do throws(RuntimeError) {
            try trace.write()
        } catch {
            // The container is there; that nobody can read how long it took is no reason to take it back.
            Warning.write("trace: \(error.text)")
        }
    }

    /// Whether the config says how large the container's terminal is.
    package var hasTerminalSize: Bool { plan.spec.terminalSize != nil }

    func waitForChild() throws(SyscallError) -> ExitStatus {
        switch child {
        case .some(let process): return try process.wait()
        case .none: throw SyscallError(operation: "waitid", errno: .ECHILD)
        }
    }

    /// Nothing: `start` has waited.
    package func awaitProgram() throws(RuntimeError) {}

    /// The exit status of the container's process if it has ended, for a caller that is its parent.
    package func exitStatusIfEnded() throws(SyscallError) -> ExitStatus? {
        switch child {
        case .some(let process): return try process.waitNoHang()
        case .none: return nil
        }
    }

    /// How the container has run out of memory, as long as its control groups are there; nil where it has not.
    package var outOfMemory: OutOfMemory? { record.cgroups.outOfMemory() }

    /// Sends a signal to the container's process.
    package func signal(_ number: Int32) throws(SyscallError) {
        switch child {
        case .some(let process): try process.signal(number)
        case .none: break
        }
    }

    /// Sends a signal to the process's group, whose number is the process's: it leads a session.
    package func signalGroup(_ number: Int32) throws(SyscallError) {
        switch child {
        case .some(let process): try Processes.kill(-process.pid, number)
        case .none: break
        }
    }

    func endChild() throws(SyscallError) {
        switch child {
        case .some(let process):
            try process.signal(9)
            _ = try process.wait()
        case .none: break
        }
    }

    /// Starts the container that was just created.
    package func start() throws(RuntimeError) {
        switch folder {
        case .some(let folder): try Start.start(record, folder)
        case .none: throw RuntimeError(.state, "cannot start a container that is being created")
        }
    }

    /// The socket that the created container says over when it is ready; nil where it has none.
    /// - Parameter host: the service manager's socket.
    package func openNotification(to host: String) throws(RuntimeError) -> ServiceNotification? {
        switch folder {
        case .some(let folder):
            do throws(SyscallError) {
                return try ServiceNotification.open(record, in: folder.folder.borrowed, to: host)
            } catch {
                throw RuntimeError(error, in: "open notification socket")
            }
        case .none: return nil
        }
    }

    /// Deletes the container, whose process has ended.
    package func delete() throws(RuntimeError) {
        switch folder {
        case .some(let folder):
            do throws(SyscallError) {
                guard try folder.relock() else { return }
            } catch {
                throw RuntimeError(error, in: "lock state")
            }
            try Delete.delete(record, folder)
        case .none: break
        }
    }

    /// The steps of the container's process, as the shared page has their times.
    private func addContainerSteps() {
        guard trace.isOn else { return }
        let steps = plan.containerSteps
        for (index, step) in steps.enumerated() {
            let start = progress.startNanoseconds(of: index)
            let next = index + 1 < steps.count ? progress.startNanoseconds(of: index + 1) : 0
            guard start > 0, next > 0 else { continue }
            trace.add(step.summary, process: record.pid, from: start, to: next)
        }
    }
}
