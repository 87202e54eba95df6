package import LinuxSys
package import OCISpec
package import RuntimePlan

extension HostFacts {
    /// The facts of the machine and the caller, from /proc and /sys, but for those that `complete` looks for.
    /// - Throws: `SyscallError` where /proc can't be read.
    package static func gather() throws(SyscallError) -> HostFacts {
        var facts = try gatherToJoin()
        facts.hasKernelCore = (try? Files.exists("/proc/kcore")) ?? false
        facts.cgroups = try CgroupLayout.read()
        return facts
    }

    /// Those that count for a process that joins a container: nothing is mounted for it, and its control groups are the
    /// container's.
    /// - Throws: `SyscallError` where /proc can't be read.
    package static func gatherToJoin() throws(SyscallError) -> HostFacts {
        let isInitial = try inInitialUserNamespace()
        var facts = HostFacts(
            effectiveUserID: Credentials.userIDs().effective, inInitialUserNamespace: isInitial,
            lastCapability: UInt8(clamping: Credentials.lastCapability()),
            boundingCapabilities: try Credentials.boundingSet(), hasKernelCore: false, hasAppArmor: false,
            hasSELinux: false, cgroups: CgroupLayout(hierarchies: []))
        // The initial one never does.
        if !isInitial {
            facts.deniesSetGroups = try Files.readFile("/proc/self/setgroups", limit: 16).starts(with: "deny".utf8)
        }
        return facts
    }

    /// Looks for what only some configs ask for.
    package mutating func complete(for spec: Spec) {
        complete(for: spec.process)
        if let label = spec.linux?.mountLabel, !label.isEmpty { lookForSecurityModules() }
        if spec.linux?.intelRdt != nil { hasResctrl = ResctrlGroup.isMounted() }
    }

    /// Looks for what only some processes ask for.
    package mutating func complete(for process: Process?) {
        for label in [process?.apparmorProfile, process?.selinuxLabel] {
            if let label, !label.isEmpty { lookForSecurityModules() }
        }
    }

    private mutating func lookForSecurityModules() {
        let modules = Self.securityModules()
        hasAppArmor = modules.contains("apparmor")
        hasSELinux = modules.contains("selinux")
    }

    private static func inInitialUserNamespace() throws(SyscallError) -> Bool {
        let map = try Files.readFile("/proc/self/uid_map", limit: 4096)
        // One line that maps every id to itself (user_namespaces(7)).
        let words = map.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
        // Nobody is anybody there, and less is asked of a user namespace than of the host.
        guard !words.isEmpty else {
            throw SyscallError(operation: "read", errno: .EPROTO, subject: "/proc/self/uid_map")
        }
        return words.count == 3 && words[0].elementsEqual("0".utf8) && words[1].elementsEqual("0".utf8)
            && words[2].elementsEqual("4294967295".utf8)
    }

    private static func securityModules() -> [String] {
        // A kernel without securityfs, or one that is not mounted, has none that could be asked for.
        guard let list = try? Files.readFile("/sys/kernel/security/lsm", limit: 4096) else {
            // AppArmor tells of itself in sysfs too, and securityfs need not be mounted.
            let enabled = try? Files.readFile("/sys/module/apparmor/parameters/enabled", limit: 16)
            return enabled?.first == UInt8(ascii: "Y") ? ["apparmor"] : []
        }
        return list.split(separator: UInt8(ascii: ",")).map {
            String(decoding: $0.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
    }
}

extension CgroupLayout {
    /// Where every hierarchy is looked for.
    private static let base = "/sys/fs/cgroup"

    /// The hierarchies that are mounted below /sys/fs/cgroup, with a process's group in each, by default the caller's.
    /// - Throws: `SyscallError` where /proc/self/cgroup can't be read, or a hierarchy not be looked at.
    package static func read(of process: String = "self") throws(SyscallError) -> CgroupLayout {
        let base: OwnedFD
        do throws(SyscallError) {
            base = try Files.open(Self.base, [.path, .directory])
        } catch {
            guard isAbsence(error.errno) else { throw error }
            return CgroupLayout(hierarchies: [])
        }
        let own = ownGroups(try Files.readFile("/proc/\(process)/cgroup", limit: 1 << 16))
        if try Files.fileSystem(of: base.borrowed).type == FileSystemStatus.cgroup2 {
            return CgroupLayout(hierarchies: [
                try unified(at: Self.base, base.borrowed, ownPath: unifiedPath(own) ?? "/")
            ])
        }
        var hierarchies: [Hierarchy] = []
        for group in own where !group.controllers.isEmpty {
            guard let folder = try findFolder(of: group.controllers, in: base.borrowed) else { continue }
            hierarchies.append(
                Hierarchy(
                    controllers: group.controllers, mountPoint: Self.base + "/" + folder, ownPath: group.path,
                    isUnified: false))
        }
        if let path = unifiedPath(own), try isMounted(FileSystemStatus.cgroup2, "unified", in: base.borrowed) {
            let folder = try Files.open("unified", in: base.borrowed, [.path, .directory])
            hierarchies.append(try unified(at: Self.base + "/unified", folder.borrowed, ownPath: path))
        }
        return CgroupLayout(hierarchies: hierarchies)
    }

    /// A line of /proc/self/cgroup.
    struct OwnGroup {
        /// The hierarchy's controllers; none for cgroup2.
        var controllers: [String] = []
        var path = ""
    }

    private static func unifiedPath(_ groups: [OwnGroup]) -> String? {
        for group in groups where group.controllers.isEmpty { return group.path }
        return nil
    }

    /// The lines of /proc/self/cgroup: `4:memory:/path` (cgroups(7)).
    static func ownGroups(_ text: [UInt8]) -> [OwnGroup] {
        var groups: [OwnGroup] = []
        var group = OwnGroup()
        var colons = 0
        var start = 0
        for (place, byte) in text.enumerated() {
            switch byte {
            case UInt8(ascii: ":") where colons < 2, UInt8(ascii: ",") where colons == 1:
                if colons == 1, place > start {
                    group.controllers.append(String(decoding: text[start..<place], as: UTF8.self))
                }
                if byte == UInt8(ascii: ":") { colons += 1 }
                start = place + 1
            case UInt8(ascii: "\n"):
                if colons == 2 {
                    group.path = String(decoding: text[start..<place], as: UTF8.self)
                    groups.append(group)
                }
                group = OwnGroup()
                colons = 0
                start = place + 1
            default: continue
            }
        }
        return groups
    }

    private static func unified(
        at mountPoint: String, _ folder: BorrowedFD, ownPath: String
    ) throws(SyscallError) -> Hierarchy {
        let controllers = try Files.readFile("cgroup.controllers", in: folder, limit: 4096)
        let names = controllers.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
        return Hierarchy(
            controllers: names.map { String(decoding: $0, as: UTF8.self) }, mountPoint: mountPoint, ownPath: ownPath,
            isUnified: true)
    }

    /// The folder that a v1 hierarchy is mounted on: its controllers joined by commas, as every distribution names it,
    /// or one of them, or the name of a named hierarchy.
    private static func findFolder(of controllers: [String], in base: BorrowedFD) throws(SyscallError) -> String? {
        var names = controllers
        if controllers.count > 1 {
            var all = controllers[0]
            for controller in controllers.dropFirst() { all += "," + controller }
            names.insert(all, at: 0)
        }
        if controllers.count == 1, controllers[0].startsBytewise(with: "name=") {
            names = [controllers[0].bytewiseSuffix(from: 5)]
        }
        for name in names where try isMounted(FileSystemStatus.cgroup, name, in: base) { return name }
        return nil
    }

    /// Whether a hierarchy is mounted there. One that can't be looked at is none that a container could do without.
    private static func isMounted(_ type: UInt64, _ name: String, in base: BorrowedFD) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            let folder = try Files.open(name, in: base, [.path, .directory])
            return try Files.fileSystem(of: folder.borrowed).type == type
        } catch {
            guard isAbsence(error.errno) else { throw error }
            return false
        }
    }

    /// Whether what can't be opened is not there, for this caller: a hierarchy that is left out is one that confines nobody.
    private static func isAbsence(_ errno: Errno) -> Bool {
        switch errno {
        case .ENOENT, .ENOTDIR: true
        case .EACCES: Credentials.userIDs().effective != 0
        default: false
        }
    }
}
