import OCISpec

extension SpecCheck {
    /// Checks `/mounts` and resolves each.
    mutating func checkMounts() {
        checkMountLabel()
        for (place, mount) in (spec.mounts ?? []).enumerated() {
            if let action = resolve(mount, place) { valid.mounts.append(action) }
        }
    }

    private mutating func checkMountLabel() {
        guard let label = spec.linux?.mountLabel, !label.isEmpty else { return }
        guard host.hasSELinux else {
            return report("/linux/mountLabel", "asks for SELinux, which this kernel does not have")
        }
        var mountLabel = MountLabel(label)
        if let name = spec[.mountContextType] {
            if let kind = MountLabel.Kind(rawValue: name) {
                mountLabel.kind = kind
            } else {
                report(
                    "/annotations/run.oci.mount_context_type",
                    "expected context, fscontext, defcontext or rootcontext, found \"\(name)\"")
            }
        }
        valid.mountLabel = mountLabel
    }

    /// The label that a mount's new file system gets. Those that show the kernel can have none, binds have their own
    /// already, and what the options of the mount say comes first.
    private func label(of source: MountAction.Source) -> MountLabel? {
        switch source {
        case .filesystem(let type, _, let parameters, _):
            type == "proc" || type == "sysfs" || parameters.contains(where: MountLabel.isGiven) ? nil : valid.mountLabel
        case .cgroup: valid.mountLabel
        case .bind, .remount: nil
        }
    }

    private mutating func resolve(_ mount: Mount, _ place: Int) -> MountAction? {
        var pointer: String { "/mounts/\(place)" }
        guard !mount.destination.isEmpty else {
            report(pointer + "/destination", "expected a path, found an empty string")
            return nil
        }
        let destination = ContainerPath(mount.destination)
        if destination.components.isEmpty {
            report(pointer + "/destination", "is the root itself, which /root/path is for")
        }
        if destination.components.contains("..") {
            // Resolved inside the root all the same; but what it says depends on the image's links.
            warn(pointer + "/destination", "\(mount.destination) has .. in it")
        }
        let options = MountOptions(mount.options ?? [])
        if options.copiesUp, mount.type != "tmpfs" {
            report(pointer + "/options", "tmpcopyup is for a tmpfs")
        }
        guard let source = source(of: mount, options, pointer) else { return nil }
        if options.keepsSourceSymlink || options.copiesSymlink, !source.isBind {
            report(pointer + "/options", "src-nofollow and copy-symlink are about the source of a bind mount")
        }
        var action = MountAction(index: place, destination: destination, source: source, options: options)
        action.label = label(of: source)
        action.idMap = idMap(of: mount, source, options, pointer)
        switch source {
        // Nothing is below a mount that is new: what is asked for all of them is asked for it.
        case .filesystem, .cgroup: action.foldRecursiveChange()
        case .bind, .remount: break
        }
        let isReadOnly = action.change.setting.contains(.readOnly)
        let isDev = destination.normalized == "/dev"
        switch source {
        case .filesystem(let type, _, let parameters, _):
            action.inheritsMode = type == "tmpfs" && !parameters.contains { $0.startsBytewise(with: "mode=") }
            // What is mounted or made inside comes later.
            action.readOnlyAtEnd = isReadOnly && (type == "tmpfs" || isDev)
        case .remount: action.readOnlyAtEnd = isReadOnly && isDev
        case .bind, .cgroup: break
        }
        return action
    }

    /// What the mappings of a mount and its options `idmap` and `ridmap` ask for.
    private mutating func idMap(
        of mount: Mount, _ source: MountAction.Source, _ options: MountOptions, _ pointer: String
    ) -> MountIDMap? {
        let users = mount.uidMappings ?? []
        let groups = mount.gidMappings ?? []
        guard options.idMap != nil || !users.isEmpty || !groups.isEmpty else { return nil }
        switch source {
        case .bind: break
        case .filesystem:
            if valid.creation.has(.user) {
                // It belongs to that user namespace, whose root has no say about ids of the host's.
                report(pointer, "a file system that is mounted anew in a user namespace cannot be idmapped")
            }
        case .cgroup: report(pointer, "control groups cannot be idmapped")
        case .remount: report(pointer, "a mount that is there already cannot be idmapped")
        }
        let isRecursive = options.idMap == .recursive
        if users.isEmpty && groups.isEmpty {
            if let joined = valid.creation.joined.first(where: { $0.type == .user }) {
                return MountIDMap(.existing(joined.path), isRecursive: isRecursive)
            }
            guard valid.creation.has(.user) else {
                report(pointer, "idmap needs uidMappings and gidMappings, or a user namespace whose mappings it takes")
                return nil
            }
            return MountIDMap(
                .new(users: valid.creation.userMap, groups: valid.creation.groupMap), isRecursive: isRecursive)
        }
        // Either empty: without a mapping no id of the mount would stand for any.
        check(users, pointer + "/uidMappings")
        check(groups, pointer + "/gidMappings")
        return MountIDMap(.new(users: users, groups: groups), isRecursive: isRecursive)
    }

    private mutating func source(
        of mount: Mount, _ options: MountOptions, _ pointer: String
    ) -> MountAction.Source? {
        let isBind = options.bind != nil || mount.type == "bind"
        if isBind {
            // `copy` and `nocopy` are Podman's words to itself on what a new volume is filled with; it leaves them here.
            for option in options.data where option != "copy" && option != "nocopy" {
                report(pointer + "/options", "\"\(option)\" means nothing to a bind mount")
            }
        }
        if options.isRemount {
            // With bind it is about the mount, without about the file system too (mount(2), MS_REMOUNT).
            return .remount(
                parameters: isBind
                    ? []
                    : options.superblockParameters.filter { $0 != "ro" } + options.clearedSuperblockParameters
                        + split(options.data))
        }
        if isBind {
            guard let source = mount.source, !source.isEmpty else {
                report(pointer + "/source", "missing, expected the path of what is bound")
                return nil
            }
            return .bind(HostPath(source), recursive: options.bind == .recursive)
        }
        guard let type = mount.type, !type.isEmpty, type != "none" else {
            report(pointer + "/type", "missing, expected a file system's name, or an option bind or rbind")
            return nil
        }
        if type == "cgroup" || type == "cgroup2" { return .cgroup }
        // These have one superblock for many mounts, or one that is the container's own anyway: what is asked of the
        // mount is done to the mount.
        let isKernelView = ["proc", "sysfs", "tmpfs", "devpts", "mqueue"].contains(type)
        return .filesystem(
            type: type, source: mount.source ?? type, parameters: split(options.data),
            superblock: isKernelView ? options.superblockParameters.filter { $0 != "ro" } : options.superblockParameters
        )
    }

    /// One option may hold several, joined by commas.
    private func split(_ data: [String]) -> [String] {
        data.flatMap { $0.utf8.contains(UInt8(ascii: ",")) ? $0.bytewiseParts(separatedBy: ",") : [$0] }
    }
}
