import OCISpec

extension SpecCheck {
    /// Checks `/mounts` and resolves each.
    mutating func checkMounts() {
        for (place, mount) in (spec.mounts ?? []).enumerated() {
            if let action = resolve(mount, place) { valid.mounts.append(action) }
        }
    }

    private mutating func resolve(_ mount: Mount, _ place: Int) -> MountAction? {
        let pointer = "/mounts/\(place)"
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
        if options.idMap != nil || mount.uidMappings?.isEmpty == false || mount.gidMappings?.isEmpty == false {
            report(pointer, "idmapped mounts are not supported by this version")
        }
        if options.keepsSourceSymlink || options.keepsDestinationSymlink {
            report(pointer + "/options", "src-nofollow and dest-nofollow are not supported by this version")
        }
        if options.copiesUp, mount.type != "tmpfs" {
            report(pointer + "/options", "tmpcopyup is for a tmpfs")
        }
        guard let source = source(of: mount, options, pointer) else { return nil }
        var action = MountAction(index: place, destination: destination, source: source, options: options)
        let isReadOnly = action.change.setting.contains(.readOnly)
        let isDev = destination.normalized == "/dev"
        if case .filesystem(let type, _, let parameters, _) = source {
            action.inheritsMode = type == "tmpfs" && !parameters.contains { $0.hasPrefix("mode=") }
            // What is mounted or made inside comes later.
            action.readOnlyAtEnd = isReadOnly && (type == "tmpfs" || isDev)
        }
        return action
    }

    private mutating func source(
        of mount: Mount, _ options: MountOptions, _ pointer: String
    ) -> MountAction.Source? {
        if options.isRemount { return .remount }
        if options.bind != nil || mount.type == "bind" {
            guard let source = mount.source, !source.isEmpty else {
                report(pointer + "/source", "missing, expected the path of what is bound")
                return nil
            }
            for option in options.data {
                report(pointer + "/options", "\"\(option)\" means nothing to a bind mount")
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
        data.flatMap { $0.utf8.contains(UInt8(ascii: ",")) ? $0.split(separator: ",").map(String.init) : [$0] }
    }
}
