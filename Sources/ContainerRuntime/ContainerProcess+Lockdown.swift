import LinuxSys
import OCISpec
import RuntimePlan

/// The steps in which the process gives up what the container is not to have.
extension ContainerProcess {
    /// Does one of these steps.
    /// - Returns: false when the step is none of them.
    mutating func performLockdown(_ step: Step) throws(SyscallError) -> Bool {
        switch step {
        case .setHostname(let name): try Namespaces.setHostName(name)
        case .setDomainname(let name): try Namespaces.setDomainName(name)
        case .setSysctl(let key, let value): try setSysctl(key, value)
        case .joinKeyring(let name): try joinKeyring(name)
        case .useTerminal: try useTerminal()
        case .takeTerminal: try takeTerminal()
        case .chownStandardStreams: try chownStandardStreams()
        case .setUmask(let mask): _ = Files.setUmask(mask)
        case .setPersonality(let domain): try Processes.setPersonality(domain.kernelValue)
        case .setMemoryPolicy(let settings):
            try Scheduling.setMemoryPolicy(settings.mode.kernelValue | settings.flags, nodes: settings.nodes)
        case .setAppArmorProfile(let profile):
            // Who is called with no_new_privs keeps it, whatever the config says.
            var isSet = plan.spec.noNewPrivileges
            if !isSet { isSet = try Processes.hasNoNewPrivileges() }
            try Procfs.setAppArmorProfile(number(of: procfs), profile, noNewPrivileges: isSet)
        case .setSELinuxLabel(let label):
            try Procfs.setSELinuxLabel(number(of: procfs), label)
        case .setResourceLimits(let limits):
            for limit in limits {
                try Processes.setLimit(of: 0, resource: limit.resource, soft: limit.soft, hard: limit.hard)
            }
        case .setOOMScore(let score): try Procfs.write(number(of: procfs), "self/oom_score_adj", String(score))
        case .setIOPriority(let settings): try settings.set(of: 0)
        case .setScheduler(let settings): try settings.set(of: 0)
        case .limitBoundingSet(let set): try limitBoundingSet(set)
        case .loadSeccompEarly:
            // A filter that doesn't allow it, or asks an agent that is yet to know of the process, comes after.
            if inheritance.successor != nil, !filterAllowsSuccession { try enterPIDNamespace() }
            try loadSeccomp()
        case .loadSeccompWithListener: try loadSeccomp()
        case .loadSeccompLate:
            // With the exec, so that nothing of ours comes between the two.
            loadsFilterLate = inheritance.successor == nil || !filterAllowsSuccession
            if !loadsFilterLate { try loadSeccomp() }
        case .enterPIDNamespace: try enterPIDNamespace()
        case .awaitLimits:
            guard case .limitsSet = try receive() else {
                throw SyscallError(operation: "read channel", errno: .EPROTO, subject: "limits")
            }
        case .setUser(let user): try setUser(user)
        case .setCapabilities(let sets): try setCapabilities(sets)
        case .setNoNewPrivileges: try Processes.setNoNewPrivileges()
        case .enterWorkingDirectory(let path): try enterWorkingDirectory(path)
        case .awaitStart: try awaitStart()
        case .closeDescriptors: try closeDescriptors()
        default: return false
        }
        return true
    }

    private func setSysctl(_ key: String, _ value: String) throws(SyscallError) {
        // Dots separate the folders, unless the key has slashes, as sysctl(8) has it.
        let path = key.utf8.contains(UInt8(ascii: "/")) ? key : String(key.map { $0 == "." ? "/" : $0 })
        try Procfs.write(number(of: procfs), "sys/" + path, value)
    }

    private func joinKeyring(_ name: String) throws(SyscallError) {
        // Else it was the runtime's, which a container's processes may not use. The exec takes the word back.
        if let label = plan.spec.seLinuxLabel { try Procfs.setKeyLabel(number(of: procfs), label) }
        do throws(SyscallError) {
            // A process of the same user may look into it, as exec does.
            let key = try Keyring.joinSession(name)
            try Keyring.setPermissions(of: key, to: try Keyring.permissions(of: key).union(.userSearch))
        } catch {
            // A kernel without keys has none that could be shared.
            guard error.errno == .ENOSYS else { throw error }
        }
    }

    private func useTerminal() throws(SyscallError) {
        for stream in [BorrowedFD.standardInput, .standardOutput, .standardError] {
            try Files.duplicate(number(of: terminal), to: stream.rawValue)
        }
    }

    /// A session of the container's own, whose terminal, if it has one, sends its signals to it and nobody else.
    private func takeTerminal() throws(SyscallError) {
        try Processes.startSession()
        if plan.spec.terminal { try Terminal.makeControlling(.standardInput) }
    }

    /// A program that reopens /proc/self/fd/1 must be allowed to.
    private func chownStandardStreams() throws(SyscallError) {
        let user = plan.spec.user
        for number: Int32 in 0...2 {
            let stream = BorrowedFD(rawValue: number)
            guard Files.isOpen(stream) else { continue }
            let status = try Files.status(of: stream)
            // The host's /dev/null is everybody's, and what has the owner already needs no change.
            guard status.type == .fifo || status.type == .characterDevice || status.type == .regular,
                !(status.representedDevice == DeviceNumber(major: 1, minor: 3)), status.uid != user.userID
            else { continue }
            do throws(SyscallError) {
                try Files.changeOwner(of: stream, uid: user.userID, gid: nil)
            } catch {
                // An owner that this user namespace has no number for stays (EINVAL, EPERM), as does that of a file on a
                // read-only file system.
                guard [.EINVAL, .EPERM, .EROFS].contains(error.errno) else { throw error }
            }
        }
    }

    private func limitBoundingSet(_ set: CapabilitySet) throws(SyscallError) {
        for capability in 0...Credentials.lastCapability() where set.rawValue >> UInt64(capability) & 1 == 0 {
            try Credentials.dropFromBoundingSet(capability)
        }
    }

    private func setUser(_ user: UserIdentity) throws(SyscallError) {
        // Kept over the change of ids, so that exactly the config's sets can be taken from them afterwards.
        try Credentials.setKeepCapabilities(true)
        if !user.keepsOriginalGroups { try setGroups(user.additionalGroupIDs) }
        try Credentials.setGroupIDs(IDs(all: user.groupID))
        try Credentials.setUserIDs(IDs(all: user.userID))
        try Credentials.setKeepCapabilities(false)
    }

    func setGroups(_ groups: [UInt32]) throws(SyscallError) {
        do throws(SyscallError) {
            try Credentials.setGroups(groups)
        } catch {
            // A user namespace made without privileges has setgroups denied (user_namespaces(7)); an empty list is all
            // that can be had there.
            guard error.errno == .EPERM, groups.isEmpty,
                plan.spec.creation.has(.user) || plan.spec.callerMaySetNoGroups
            else { throw error }
        }
    }

    private func setCapabilities(_ sets: ProcessCapabilities) throws(SyscallError) {
        try Credentials.setCapabilities(
            CapabilitySets(
                effective: sets.effective.rawValue, permitted: sets.permitted.rawValue,
                inheritable: sets.inheritable.rawValue))
        try Credentials.clearAmbient()
        for capability in sets.ambient {
            try Credentials.raiseAmbient(Int32(capability.rawValue))
        }
    }

    private func enterWorkingDirectory(_ path: ContainerPath) throws(SyscallError) {
        try Files.changeDirectory(path.string)
        // A descriptor of the host's, reached through /proc/self/fd, would be a way out (CVE-2024-21626).
        let current = try Files.workingDirectory()
        guard current.utf8.first == UInt8(ascii: "/") else {
            throw SyscallError(operation: "chdir", errno: .EXDEV, subject: path.string)
        }
    }

    /// Tells the runtime that the process is locked down, and waits for `start`. Under an early filter: write and read.
    private mutating func awaitStart() throws(SyscallError) {
        try send(.ready)
        guard try Files.readByte(inheritance.startPipe) == Start.go else {
            throw SyscallError(operation: "read start pipe", errno: .EPROTO, subject: ContainerFolder.startPipe)
        }
        isStarted = true
    }

    /// Everything from 3 on is closed by the exec, but for what the caller wants the program to have.
    private func closeDescriptors() throws(SyscallError) {
        try Files.closeRange(from: 3, .setCloseOnExec)
        for descriptor in inheritance.preserved {
            try Files.setCloseOnExec(BorrowedFD(rawValue: descriptor), false)
        }
    }
}
