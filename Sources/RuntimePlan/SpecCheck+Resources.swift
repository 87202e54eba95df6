import OCISpec

extension SpecCheck {
    /// Checks `/linux/devices`.
    mutating func checkDevices(_ linux: Linux) {
        var nodes: [DeviceNode] = []
        for (place, device) in (linux.devices ?? []).enumerated() {
            var pointer: String { "/linux/devices/\(place)" }
            if device.path.utf8.first != UInt8(ascii: "/") {
                report(pointer + "/path", "expected an absolute path, found \"\(device.path)\"")
            }
            var numbers: [UInt32] = []
            for (number, name) in [(device.major, "major"), (device.minor, "minor")] {
                guard device.type != .fifo else {
                    numbers.append(0)
                    continue
                }
                guard let number else {
                    report(pointer, "a device of type \(device.type.rawValue) needs its \(name) number")
                    continue
                }
                guard let exact = UInt32(exactly: number) else {
                    report("\(pointer)/\(name)", "expected 0 to 4294967295, found \(number)")
                    continue
                }
                numbers.append(exact)
            }
            guard numbers.count == 2 else { continue }
            check(id: device.uid, pointer + "/uid")
            check(id: device.gid, pointer + "/gid")
            var node = DeviceNode(
                index: place, path: ContainerPath(device.path), type: device.type, major: numbers[0],
                minor: numbers[1], mode: (device.fileMode ?? 0o666) & 0o7777, userID: device.uid ?? 0,
                groupID: device.gid ?? 0)
            node.givesMode = device.fileMode != nil
            node.givesOwner = device.uid != nil || device.gid != nil
            nodes.append(node)
            // Without the right to, the host's own node is bound, as it is.
            guard valid.creation.has(.user), host.isHostRoot, device.type != .fifo,
                valid.makesDevices || !node.isInDev
            else { continue }
            valid.preparedDevices.append(node)
            guard valid.creation.new.contains(.user) else { continue }
            if let id = device.uid, IDMapping.hostID(of: id, in: valid.creation.userMap) == nil {
                report(pointer + "/uid", "\(id) has no place in /linux/uidMappings")
            }
            if let id = device.gid, IDMapping.hostID(of: id, in: valid.creation.groupMap) == nil {
                report(pointer + "/gid", "\(id) has no place in /linux/gidMappings")
            }
        }
        // A device of the config at a default one's place takes it over.
        let defaults = DeviceNode.always.filter { node in
            !nodes.contains { $0.path.normalized == node.path.normalized }
        }
        valid.devices = defaults + nodes
    }

    /// Checks `/linux/cgroupsPath` and `/linux/resources`.
    mutating func checkCgroup(_ linux: Linux) {
        var cgroup = ValidCgroup()
        cgroup.layout = host.cgroups
        let path = linux.cgroupsPath.flatMap { $0.isEmpty ? nil : $0 }
        if let path, host.systemd == nil {
            if path.bytewiseParts(separatedBy: "/").contains("..") {
                report("/linux/cgroupsPath", "expected a path without .., found \"\(path)\"")
            }
            if path.bytewiseParts(separatedBy: "/").allSatisfy({ $0 == "." }) {
                report("/linux/cgroupsPath", "expected a group below the root, found \"\(path)\"")
            }
            cgroup.path = path
        }
        let resources = linux.resources ?? Resources()
        let writes = ResourceWrites(resources, on: host.cgroups)
        problems += writes.problems
        cgroup.writes = writes.writes
        if let instance = host.systemd { cgroup.scope = scopePlace(path, for: writes.writes, in: instance) }
        cgroup.deviceRules = deviceRules(resources.devices ?? [])
        let hasController = host.cgroups.index(of: "devices") != nil || host.cgroups.kind == .v2
        cgroup.filtersDevices = hasController && host.isHostRoot
        if !hasController, resources.devices?.contains(where: { !$0.allow }) == true, host.isHostRoot {
            report("/linux/resources/devices", "nothing here can keep the container from a device")
        }
        if host.cgroups.index(of: "devices") != nil, cgroup.filtersDevices {
            cgroup.legacyDeviceRules = legacyRules(cgroup.deviceRules)
            if cgroup.scope != nil { cgroup.scope?.properties += deviceProperties(cgroup.legacyDeviceRules) }
        }
        cgroup.filtersDevicesAfterMounts = cgroup.filtersDevices && valid.mounts.contains(where: \.isOfDevice)
        cgroup.ownerID = ownerOfCgroup()
        if let kernel = resources.memory?.kernelBytes, kernel > 0 {
            warn(
                "/linux/resources/memory/kernel",
                "has no effect: the kernel counts its memory for the container as the container's, without a limit of its own"
            )
        }
        valid.cgroup = cgroup
    }

    /// Whom the cgroup2 group is given to (config-linux.md, "Cgroup ownership"): the user who runs the program, where a
    /// control group namespace keeps what is above from view and the container may write to the file system. v1 is not safe
    /// to give away.
    private func ownerOfCgroup() -> UInt32? {
        let creation = valid.creation
        guard host.cgroups.kind == .v2, host.isHostRoot, creation.new.contains(.cgroup) else { return nil }
        let isWritable = (spec.mounts ?? []).contains { mount in
            mount.source == "cgroup" && ContainerPath(mount.destination).normalized == "/sys/fs/cgroup"
                && !(mount.options ?? []).contains("ro")
        }
        // Of a user namespace that is joined the maps are not known here.
        guard isWritable, !creation.joined.contains(where: { $0.type == .user }) else { return nil }
        let user = valid.user.userID
        guard creation.new.contains(.user) else { return user == host.effectiveUserID ? nil : user }
        for range in creation.userMap where user >= range.containerID && user - range.containerID < range.size {
            return range.hostID + (user - range.containerID)
        }
        return nil
    }

    private mutating func legacyRules(_ rules: [DeviceRule]) -> LegacyDeviceRules {
        let legacy = LegacyDeviceRules(rules)
        if let place = legacy.conflict {
            let isOwn = place >= rules.count - DeviceRule.always.count
            report(
                isOwn ? "/linux/resources/devices" : "/linux/resources/devices/\(place)",
                isOwn
                    ? "refuses devices among which a container always has some, which cgroup v1 cannot tell apart"
                    : "is about a part of what a rule before it is about, which cgroup v1 cannot tell apart")
        }
        return legacy
    }

    private mutating func deviceRules(_ devices: [Resources.DeviceCgroup]) -> [DeviceRule] {
        var rules: [DeviceRule] = []
        for (place, device) in devices.enumerated() {
            var pointer: String { "/linux/resources/devices/\(place)" }
            let kind: DeviceRule.Kind
            switch device.type ?? "a" {
            case "a", "": kind = .all
            case "b": kind = .block
            case "c", "u": kind = .character
            default:
                report(pointer + "/type", "expected a, b or c, found \"\(device.type ?? "")\"")
                continue
            }
            let access = device.access.flatMap { $0.isEmpty ? nil : $0 } ?? "rwm"
            if !access.utf8.allSatisfy({ "rwm".utf8.contains($0) }) {
                report(pointer + "/access", "expected letters of rwm, found \"\(access)\"")
            }
            rules.append(
                DeviceRule(
                    allow: device.allow, kind: kind, major: number(device.major, pointer + "/major"),
                    minor: number(device.minor, pointer + "/minor"), access: access))
        }
        return rules + DeviceRule.always
    }

    /// A device number; nil for every one, as -1 has always been taken, too.
    private mutating func number(_ value: Int64?, _ pointer: String) -> UInt32? {
        guard let value, value != -1 else { return nil }
        guard let number = UInt32(exactly: value) else {
            report(pointer, "expected 0 to 4294967295, or -1 for all, found \(value)")
            return nil
        }
        return number
    }
}
