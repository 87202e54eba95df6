import CRIUProtocol
import LinuxSys
import OCISpec
import RuntimePlan

/// What the command line says about a restore beyond what it says about a create.
package struct RestoreOptions: Sendable {
    /// What it has in common with a checkpoint.
    package var settings: CRIUSettings
    /// TCP connections that were open are closed.
    package var closesConnections = false
    /// Another label of the processes, `apparmor:NAME` or `selinux:LABEL`.
    package var securityProfile: String?
    /// Another SELinux label of the mounts.
    package var mountContext: String?

    /// Options of which only the settings are given.
    package init(_ settings: CRIUSettings) {
        self.settings = settings
    }
}

/// A container from the files of one that was saved.
///
/// The runtime makes what surrounds it, as it does for a new one: state and control groups, with the limits of the config.
/// CRIU starts in those groups and makes the processes, whose first becomes the runtime's child. What CRIU has to know of
/// the host it is told first; what the runtime has to do on the way CRIU asks it for:
///
/// - `setup-namespaces`: the namespaces are there, with the first process alone. The state gets its pid; network devices
///   move in; the hooks `prestart` and `createRuntime` run.
/// - `orphan-pts-master`: the terminal is there, and its master goes to the caller.
/// - `post-restore`: all processes are there and about to go on.
extension Launch {
    private static let logFile = "restore.log"

    /// Restores the container.
    /// - Throws: `RuntimeError`; nothing of the container is left then.
    package func restore(_ restore: RestoreOptions) throws(RuntimeError) {
        // What needs nothing taken back comes first.
        let program = try CRIUProcess.find(path: restore.settings.searchPath)
        let streams = try savedStreams(restore.settings)
        do throws(RuntimeError) {
            for step in plan.restoringSteps { try perform(step) }
            try haveRestored(restore, program, streams)
            try perform(.recordCreated)
            try ContainerHooks.run(
                plan.spec.hooks(.poststart), .poststart, state: record.state(.running, pid: record.pid))
        } catch {
            takeBack()
            throw error
        }
    }

    private func savedStreams(_ settings: CRIUSettings) throws(RuntimeError) -> StandardStreams {
        let folders = try CRIUFolders(settings, logFile: Self.logFile, makesImages: false)
        return try StandardStreams(readingFrom: folders.images.borrowed, settings.imagePath)
    }

    private func haveRestored(
        _ restore: RestoreOptions, _ program: String, _ streams: StandardStreams
    ) throws(RuntimeError) {
        let namespaces = ExternalNamespaces(plan.spec)
        let joined = try namespaces.paths()
        let root = try restoredRoot()
        var inherited: [CRIUOptions.Inherited] = []
        var descriptors = OwnedFDList()
        do throws(SyscallError) {
            // What CRIU gets descriptors of, under the numbers that they have here.
            let null = try Files.open("/dev/null", [.readWrite])
            inherited = streams.inherited(null: null.borrowed)
            descriptors.append(null)
            inherited += try namespaces.open(into: &descriptors)
        } catch {
            throw RuntimeError(error, in: "open descriptors")
        }
        var spawn = SpawnOptions()
        spawn.inherited = descriptors.borrowed
        if plan.spec.noNewPrivileges {
            // CRIU before 3.19 doesn't save it. What is born of a process that has it has it too, and for good.
            spawn.prepare = { () throws(SyscallError) in try Processes.setNoNewPrivileges() }
        }
        let workplace = try Workplace(of: program, root, restore.settings, spawn, for: plan.id)
        let criu = workplace.criu
        var wanted = restore.settings.options(workplace.folders, annotations: record.annotations)
        wanted.root = root.mountPoint
        wanted.inherited = inherited
        wanted.joinedNamespaces = joined
        wanted.restoresSiblings = true
        wanted.evadesDevices = true
        wanted.closesConnections = restore.closesConnections
        wanted.securityProfile = restore.securityProfile
        wanted.mountContext = restore.mountContext
        let version = try criu.checkVersion()
        if restore.securityProfile != nil || restore.mountContext != nil, version < CRIUVersion(3, 16) {
            throw RuntimeError(
                .system, "criu is \(version), and another label takes 3.16 or later",
                hint: "leave --lsm-profile and --lsm-mount-context out")
        }
        if restore.settings.movesPagesLazily { try criu.check(CRIUFeatures(movesPagesLazily: true)) }
        for step in plan.restoringScopeSteps {
            if case .startScope(let unit) = step {
                try startScope(unit, around: criu.pid, at: step)
            } else {
                try perform(step)
            }
        }
        do throws(SyscallError) {
            try enterCgroups(criu.pid)
            wanted.cgroupRoots = try Self.cgroupRoots(of: criu.pid)
        } catch {
            throw RuntimeError(error, in: "enter cgroups")
        }
        // Only now: the groups may be among them.
        wanted.externalMounts = try externalMounts()
        let response = try criu.perform(.restore(wanted)) { (notification, descriptors) throws(RuntimeError) in
            try handle(notification, &descriptors)
        }
        guard response.isSuccess, let pid = response.restoredPID else {
            throw workplace.folders.failure("restore", response)
        }
        try adopt(pid)
        try criu.finish()
    }

    // MARK: Before

    /// CRIU in a mount namespace of its own: the mount that it wants as the root is seen by nobody else, and is gone with
    /// CRIU, however that ends.
    private struct Workplace: ~Copyable {
        let criu: CRIUProcess
        /// As they are in that namespace: CRIU mounts in the one of its log, which no process may do from another.
        let folders: CRIUFolders

        /// The runtime goes there for that alone: its hooks belong to the namespace that it is called in.
        init(
            of program: String, _ root: RestoredRoot, _ settings: CRIUSettings, _ options: SpawnOptions, for id: String
        ) throws(RuntimeError) {
            let own = try Self.leave()
            defer { own.comeBack(for: "restore \(id)", failing: 1) }
            let folders = try CRIUFolders(settings, logFile: Launch.logFile, makesImages: false)
            criu = try Self.start(program, root, options)
            self.folders = folders
        }

        private static func leave() throws(RuntimeError) -> OwnNamespaces {
            do throws(SyscallError) {
                var own = try OwnNamespaces()
                try own.keep(leavingFor: .newMount)
                try Processes.unshare(.newMount)
                return own
            } catch {
                throw RuntimeError(error, in: "leave mount namespace")
            }
        }

        private static func start(
            _ program: String, _ root: RestoredRoot, _ options: SpawnOptions
        ) throws(RuntimeError) -> CRIUProcess {
            do throws(SyscallError) {
                try root.prepare()
                return try CRIUProcess(program, options)
            } catch {
                throw RuntimeError(error, in: "start criu")
            }
        }
    }

    /// The root that CRIU gets. It is mounted over the state folder, in which nobody has any business in CRIU's mount
    /// namespace.
    private func restoredRoot() throws(RuntimeError) -> RestoredRoot {
        let mountPoint: String
        do throws(SyscallError) {
            // Without links, as CRIU finds it among the mounts.
            mountPoint = try Files.readLink("/proc/self/fd/\(folderFD.rawValue)")
        } catch {
            throw RuntimeError(error, in: "find root")
        }
        for action in plan.spec.mounts {
            guard let source = action.bindSource?.path.absolute(in: options.bundle) else { continue }
            do throws(SyscallError) {
                _ = try Files.status(source, follow: !action.keepsSourceSymlink && !action.copiesSymlink)
            } catch {
                throw RuntimeError(error, at: .mount(action))
            }
        }
        return RestoredRoot(
            mounts: plan.spec.mounts, bundle: options.bundle, path: record.rootfs, mountPoint: mountPoint)
    }

    private func externalMounts() throws(RuntimeError) -> [CRIUOptions.Pair] {
        do throws(SyscallError) {
            let root = try Files.open(record.rootfs, [.path, .directory])
            return try ExternalMounts(
                plan.spec, bundle: options.bundle, root: root.borrowed, groups: record.cgroups
            ).restored
        } catch {
            throw RuntimeError(error, at: .attachRoot(plan.spec.root))
        }
    }

    /// Puts CRIU into the container's control groups, so that what it makes is born there: where CRIU is told to leave them
    /// alone (`--manage-cgroups-mode ignore`) that is all that puts it there.
    private func enterCgroups(_ process: Int32) throws(SyscallError) {
        for group in record.cgroups.groups {
            try Files.writeFile(group.folder + "/cgroup.procs", String(process))
        }
    }

    /// The groups that CRIU is in: those of the images become these.
    private static func cgroupRoots(of process: Int32) throws(SyscallError) -> [CRIUOptions.Pair] {
        let text = try Files.readFile("/proc/\(process)/cgroup", limit: 1 << 16)
        return text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            // 4:memory:/path; cgroup2 has no controllers there.
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            return CRIUOptions.Pair(
                key: String(decoding: parts[1], as: UTF8.self), value: String(decoding: parts[2], as: UTF8.self))
        }
    }

    // MARK: Meanwhile

    private func handle(
        _ notification: CRIUResponse.Notification, _ descriptors: inout OwnedFDList
    ) throws(RuntimeError) {
        switch notification.script {
        case "setup-namespaces":
            if let pid = notification.pid { try adopt(pid) }
            try setUpNamespaces()
        case "post-restore":
            if let pid = notification.pid { try adopt(pid) }
        case "orphan-pts-master":
            guard let master = descriptors.popFirst() else {
                throw RuntimeError(.system, "criu sends no terminal with its orphan-pts-master")
            }
            try handOver(master)
        // network-lock and the like: the devices in a container's network namespace are its caller's.
        default: break
        }
    }

    /// Records the first of the container's processes; once is enough.
    private func adopt(_ pid: Int32) throws(RuntimeError) {
        guard record.pid == 0 else {
            guard record.pid == pid else {
                throw RuntimeError(.system, "criu tells of process \(pid), and told of \(record.pid) before")
            }
            return
        }
        do throws(SyscallError) {
            let process = try Processes.openPIDFD(pid)
            guard let found = try ProcessIdentity.read(pid: pid) else {
                throw SyscallError(operation: "read stat", errno: .ESRCH, subject: "process \(pid)")
            }
            record.pid = pid
            record.startTicks = found.identity.startTicks
            child = ChildProcess(pid: pid, pidfd: process)
            try recordProcess()
        } catch {
            throw RuntimeError(error, in: "record process")
        }
    }

    /// What a new container has when its first process is there: CRIU makes its network namespace without what was in it.
    private func setUpNamespaces() throws(RuntimeError) {
        if plan.spec.creation.new.contains(.network) {
            do throws(SyscallError) {
                try bringUpLoopback()
            } catch {
                throw RuntimeError(error, at: .bringUpLoopback)
            }
        }
        for move in plan.spec.netDevices { try perform(.moveNetDevice(move)) }
        for kind in [HookKind.prestart, .createRuntime] where !plan.spec.hooks(kind).isEmpty {
            try perform(.runHooks(kind))
        }
    }

    /// In the container's namespace, which the runtime enters for that alone.
    private func bringUpLoopback() throws(SyscallError) {
        let own = try Files.open("/proc/self/ns/net")
        let target = try Files.open("/proc/\(record.pid)/ns/net")
        try Processes.joinNamespace(target.borrowed, .newNetwork, subject: "the container's network namespace")
        var failure: SyscallError?
        do throws(SyscallError) {
            try Network.bringUpLoopback()
        } catch {
            failure = error
        }
        try Processes.joinNamespace(own.borrowed, .newNetwork, subject: "/proc/self/ns/net")
        if let failure { throw failure }
    }

    private func handOver(_ master: consuming OwnedFD) throws(RuntimeError) {
        guard let target = options.console else {
            throw RuntimeError(
                .usage, "the container has a terminal, and the config asks for none", pointer: "/process/terminal",
                hint: "restore takes the bundle that the container was created from")
        }
        do throws(SyscallError) {
            let connection = try target.connect()
            try Sockets.send(connection.borrowed, Array("/dev/ptmx".utf8), descriptors: [master.borrowed])
        } catch {
            throw RuntimeError(error, at: .connectConsole)
        }
    }
}
