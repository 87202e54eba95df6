import OCISpec

extension SpecCheck {
    /// Checks `/process`.
    mutating func check(_ process: Process) {
        if process.cwd.utf8.first != UInt8(ascii: "/") {
            report("/process/cwd", "expected an absolute path, found \"\(process.cwd)\"")
        }
        valid.workingDirectory = ContainerPath(process.cwd)
        if process.args?.isEmpty ?? true {
            report("/process/args", "expected at least one entry, the program to execute")
        }
        valid.arguments = process.args ?? []
        valid.environment = process.env ?? []
        valid.terminal = process.terminal ?? false
        if let size = process.consoleSize, valid.terminal {
            if size.width > UInt16.max { report("/process/consoleSize/width", "expected at most 65535") }
            if size.height > UInt16.max { report("/process/consoleSize/height", "expected at most 65535") }
            valid.terminalSize = TerminalSize(
                columns: UInt16(clamping: size.width), rows: UInt16(clamping: size.height))
        }
        let user = process.user ?? User()
        check(id: user.uid, "/process/user/uid")
        check(id: user.gid, "/process/user/gid")
        for (place, group) in (user.additionalGids ?? []).enumerated() {
            check(id: group, "/process/user/additionalGids/\(place)")
        }
        let keepsGroups = spec[.keepOriginalGroups] == "1"
        valid.user = UserIdentity(
            userID: user.uid ?? 0, groupID: user.gid ?? 0, additionalGroupIDs: user.additionalGids ?? [],
            keepsOriginalGroups: keepsGroups)
        if let umask = user.umask {
            if umask > 0o777 { report("/process/user/umask", "expected at most 511 (0777), found \(umask)") }
            valid.umask = umask
        }
        valid.noNewPrivileges = process.noNewPrivileges ?? false
        checkLabels(process)
        checkLimits(process)
        if let score = process.oomScoreAdj {
            if !(-1000...1000).contains(score) {
                report("/process/oomScoreAdj", "expected -1000 to 1000, found \(score)")
            }
            valid.oomScoreAdjustment = score
        }
        if let scheduler = process.scheduler { check(scheduler) }
        if let ioPriority = process.ioPriority { check(ioPriority) }
        if let affinity = process.execCPUAffinity { check(affinity) }
        checkCapabilities(process.capabilities ?? Capabilities())
    }

    /// The largest number is no id: to the system calls it means to leave the id as it is, which is root's.
    mutating func check(id: UInt32?, _ pointer: String) {
        guard id == UInt32.max else { return }
        report(pointer, "expected an integer from 0 to 4294967294, found 4294967295")
    }

    private mutating func checkLabels(_ process: Process) {
        if let profile = process.apparmorProfile, !profile.isEmpty {
            if !isAppArmorName(profile) {
                report(
                    "/process/apparmorProfile",
                    "expected the name of an AppArmor profile: one line, with more than spaces, of at most 4090 bytes")
            } else if host.hasAppArmor {
                valid.appArmorProfile = profile
            } else if profile != "unconfined" {
                report(
                    "/process/apparmorProfile",
                    "asks for the AppArmor profile \(profile), and this kernel has no AppArmor")
            }
        }
        if let label = process.selinuxLabel, !label.isEmpty {
            if host.hasSELinux {
                valid.seLinuxLabel = label
            } else {
                report("/process/selinuxLabel", "asks for SELinux, which this kernel does not have")
            }
        }
    }

    /// Whether the kernel would take the name for what it is: it cuts spaces off both ends, and takes no more than a page
    /// with the command before the name.
    private func isAppArmorName(_ name: String) -> Bool {
        var isBlank = true
        for byte in name.utf8 {
            if byte < 0x20 || byte == 0x7f { return false }
            if byte != UInt8(ascii: " ") { isBlank = false }
        }
        return !isBlank && name.utf8.count <= 4090
    }

    private mutating func checkLimits(_ process: Process) {
        var seen: [String] = []
        for (place, limit) in (process.rlimits ?? []).enumerated() {
            var pointer: String { "/process/rlimits/\(place)" }
            guard let type = ResourceLimitType(name: limit.type) else {
                let names = ResourceLimitType.names
                let suggestion = NearestName.suggest(limit.type, among: names).map { ", did you mean \($0)?" } ?? ""
                report(
                    pointer + "/type",
                    "found \"\(limit.type)\"\(suggestion.isEmpty ? ", which is no limit" : suggestion)")
                continue
            }
            if seen.contains(limit.type) { report(pointer, "\(limit.type) is there twice") }
            seen.append(limit.type)
            if limit.soft > limit.hard {
                report(pointer + "/soft", "expected at most the hard limit \(limit.hard), found \(limit.soft)")
            }
            valid.resourceLimits.append(
                ResourceLimit(name: limit.type, resource: type.rawValue, soft: limit.soft, hard: limit.hard))
        }
    }

    // MARK: Capabilities

    private mutating func checkCapabilities(_ names: Capabilities) {
        let bounding = resolve(names.bounding, "bounding")
        let permitted = resolve(names.permitted, "permitted")
        let effective = resolve(names.effective, "effective")
        let inheritable = resolve(names.inheritable, "inheritable")
        let ambient = resolve(names.ambient, "ambient")
        valid.capabilities = ProcessCapabilities(
            bounding: bounding, effective: keep(effective, within: permitted, "effective", "permitted"),
            permitted: permitted, inheritable: inheritable,
            // Without a warning: no capability can be ambient that is not both (capabilities(7)), and the configs that
            // tools make list them all the same.
            ambient: ambient.intersection(permitted).intersection(inheritable))
    }

    /// The set that names stand for. What can't be granted leaves less, which the runtime-spec wants a warning of.
    private mutating func resolve(_ names: [String]?, _ set: String) -> CapabilitySet {
        var result: CapabilitySet = []
        for (place, name) in (names ?? []).enumerated() {
            if let capability = grantable(name, "/process/capabilities/\(set)/\(place)") { result.insert(capability) }
        }
        return result
    }

    /// The capability of a name; nil, with a warning the first time, for one that can't be granted.
    private mutating func grantable(_ name: String, _ pointer: @autoclosure () -> String) -> Capability? {
        let reason: String
        if let capability = Capability(name: name) {
            if capability.rawValue > host.lastCapability {
                reason = "is not known to this kernel"
            } else if host.boundingCapabilities & (1 << UInt64(capability.rawValue)) == 0 {
                reason = "is outside the runtime's own bounding set"
            } else {
                return capability
            }
        } else {
            let suggestion = NearestName.suggest(name, among: Capability.names)
            reason = "is unknown\(suggestion.map { ", did you mean \($0)?" } ?? "")"
        }
        if !leftOutCapabilities.contains(name) {
            leftOutCapabilities.append(name)
            warn(pointer(), "\(name) \(reason); left out of every set")
        }
        return nil
    }

    private mutating func keep(
        _ set: CapabilitySet, within limit: CapabilitySet, _ name: String, _ limitName: String
    ) -> CapabilitySet {
        for capability in set.subtracting(limit) {
            warn("/process/capabilities/\(name)", "\(capability.name) is not \(limitName); left out")
        }
        return set.intersection(limit)
    }
}
