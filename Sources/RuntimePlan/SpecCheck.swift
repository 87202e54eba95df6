import LosslessJSON
import OCISpec

/// Looks for every problem of a config, and resolves what is right of it.
struct SpecCheck {
    let spec: Spec
    let host: HostFacts
    var valid = ValidSpec()
    var problems: [Problem] = []
    var warnings: [Problem] = []
    /// The capabilities that were warned of.
    var leftOutCapabilities: [String] = []

    init(spec: Spec, host: HostFacts) {
        self.spec = spec
        self.host = host
    }

    mutating func run() {
        checkVersion()
        checkRoot()
        checkNames()
        if let process = spec.process {
            check(process)
        } else {
            report("/process", "missing, expected an object: a container needs a process to create")
        }
        // Before the mounts and devices, which depend on the user namespace.
        checkNamespaces()
        valid.callerMaySetNoGroups = host.deniesSetGroups
        valid.bindsDevices = valid.creation.has(.user) || !host.inInitialUserNamespace
        checkMounts()
        checkHooks()
        checkHooksOfDeadline()
        for (place, entry) in (spec.annotations ?? []).enumerated() where entry.key.isEmpty {
            report("/annotations", "entry \(place + 1) has an empty name")
        }
        valid.annotations = spec.annotations ?? []
        let linux = spec.linux ?? Linux()
        checkPaths(linux)
        checkDevices(linux)
        checkNetDevices(linux)
        checkCgroup(linux)
        checkSysctl(linux)
        if let rdt = linux.intelRdt { check(rdt) }
        if let seccomp = linux.seccomp { check(seccomp) }
        if let policy = linux.memoryPolicy { check(policy) }
        if let personality = linux.personality { check(personality) }
    }

    /// Checks what a process that joins a container has of its own, and what it shares.
    mutating func runForJoining() {
        if let process = spec.process { check(process) }
        checkNamespaces()
        if let seccomp = spec.linux?.seccomp { check(seccomp) }
        if let policy = spec.linux?.memoryPolicy { check(policy) }
        if let personality = spec.linux?.personality { check(personality) }
    }

    mutating func report(_ pointer: String, _ message: String) {
        problems.append(Problem(pointer: pointer, message: message))
    }

    mutating func warn(_ pointer: String, _ message: String) {
        warnings.append(Problem(pointer: pointer, message: message))
    }

    private mutating func checkVersion() {
        guard let version = OCIVersion(spec.ociVersion) else {
            return report("/ociVersion", "expected a version such as 1.3.0, found \"\(spec.ociVersion)\"")
        }
        guard version.major == 1 else {
            return report("/ociVersion", "expected version 1.x.y, found \(spec.ociVersion)")
        }
        if version.minor > OCIVersion.current.minor {
            warn("/ociVersion", "\(spec.ociVersion) is newer than \(OCIVersion.current): what it adds is not known")
        }
        valid.ociVersion = spec.ociVersion
    }

    private mutating func checkRoot() {
        guard let root = spec.root else {
            return report("/root", "missing, expected an object")
        }
        if root.path.isEmpty { report("/root/path", "expected a path, found an empty string") }
        valid.root = HostPath(root.path)
        valid.isRootReadOnly = root.readonly ?? false
        valid.linksKernelCore = host.hasKernelCore
        valid.rootPropagation = spec.linux?.rootfsPropagation?.propagation
    }

    private mutating func checkNames() {
        for (name, pointer) in [(spec.hostname, "/hostname"), (spec.domainname, "/domainname")] {
            guard let name, !name.isEmpty else { continue }
            // __NEW_UTS_LEN of sethostname(2).
            if name.utf8.count > 64 { report(pointer, "expected at most 64 bytes, found \(name.utf8.count)") }
            if spec.linux?.namespaces?.contains(where: { $0.type == .uts }) != true {
                report(pointer, "needs a uts namespace: the host's own name would change")
            }
        }
        valid.hostname = spec.hostname.flatMap { $0.isEmpty ? nil : $0 }
        valid.domainname = spec.domainname.flatMap { $0.isEmpty ? nil : $0 }
    }

    private mutating func checkHooks() {
        guard let hooks = spec.hooks else { return }
        for kind in HookKind.allCases {
            for (place, hook) in (hooks[kind] ?? []).enumerated() {
                var pointer: String { "/hooks/\(kind.rawValue)/\(place)" }
                if hook.path.utf8.first != UInt8(ascii: "/") {
                    report(pointer + "/path", "expected an absolute path, found \"\(hook.path)\"")
                }
                if let timeout = hook.timeoutSeconds, timeout <= 0 {
                    report(pointer + "/timeout", "expected more than 0 seconds, found \(timeout)")
                }
            }
        }
        valid.allHooks = hooks
    }

    private mutating func checkPaths(_ linux: Linux) {
        for (paths, name) in [(linux.maskedPaths, "maskedPaths"), (linux.readonlyPaths, "readonlyPaths")] {
            for (place, path) in (paths ?? []).enumerated() where path.utf8.first != UInt8(ascii: "/") {
                report("/linux/\(name)/\(place)", "expected an absolute path, found \"\(path)\"")
            }
        }
        valid.maskedPaths = (linux.maskedPaths ?? []).map(ContainerPath.init)
        valid.readOnlyPaths = (linux.readonlyPaths ?? []).map(ContainerPath.init)
    }

    private mutating func checkSysctl(_ linux: Linux) {
        for entry in linux.sysctl ?? [] {
            let key = String(
                decoding: entry.key.utf8.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: ".") : $0 }, as: UTF8.self)
            let pointer = JSONPointer([.name("linux"), .name("sysctl"), .name(entry.key)]).description
            guard !entry.key.isEmpty, !entry.key.bytewiseParts(separatedBy: "/").contains("..") else {
                report(pointer, "expected the name of a kernel parameter")
                continue
            }
            let owner: NamespaceType?
            if key.startsBytewise(with: "net.") {
                owner = .network
            } else if key.startsBytewise(with: "fs.mqueue.") || Self.ipcParameters.contains(key) {
                owner = .ipc
            } else if key == "kernel.domainname" || key == "kernel.hostname" {
                owner = .uts
            } else if key.startsBytewise(with: "user.") {
                owner = .user
            } else {
                owner = nil
            }
            guard let owner else {
                report(pointer, "is the whole machine's: no namespace has it for itself")
                continue
            }
            if !valid.creation.has(owner) { report(pointer, "needs a \(owner.rawValue) namespace of the container's") }
            valid.sysctl.append(entry)
        }
    }

    /// The parameters of an ipc namespace (ipc_namespaces(7)).
    private static let ipcParameters = [
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
        "kernel.shmmni", "kernel.shm_rmid_forced", "kernel.msg_next_id", "kernel.sem_next_id", "kernel.shm_next_id",
    ]
}
