import LinuxSys
import OCISpec
import RuntimePlan

extension Rootfs {
    /// Mounts the container's view of its control groups, in the layout that the host has.
    /// - Parameters:
    ///   - groups: the container's groups.
    ///   - hasNamespace: a control group namespace hides all above them; without one a bind of each group's folder does.
    func mountCgroups(
        _ action: MountAction, groups: CgroupTree, hasNamespace: Bool
    ) throws(SyscallError) {
        let target = try openOrMake(action.destination, as: .directory, refusesLinks: true)
        let attributes = LinuxSys.MountAttributes(rawValue: action.change.setting.rawValue)
        guard let first = groups.groups.first, !(groups.groups.count == 1 && first.isUnified) else {
            guard let group = groups.groups.first else { return try mountEmpty(target.borrowed, action, attributes) }
            let mount = try Self.view(of: group, attributes, hasNamespace: hasNamespace)
            return try Mounting.moveMount(
                mount.borrowed, to: target.borrowed, subject: action.destination.string)
        }
        // As the host has it: a tmpfs with a folder for each hierarchy. Read-only only once the folders are made.
        let folders = try Self.makeFilesystem(
            type: "tmpfs", source: "tmpfs", parameters: Self.folderParameters(action), superblock: [],
            attributes: attributes.subtracting(.readOnly))
        try Mounting.moveMount(folders.borrowed, to: target.borrowed, subject: action.destination.string)
        for group in groups.groups where !group.isUnified {
            let name = group.hierarchyName
            try Files.makeDirectory(name, in: folders.borrowed, mode: 0o755)
            let mount = try Self.view(of: group, attributes, hasNamespace: hasNamespace)
            try Mounting.moveMount(mount.borrowed, to: folders.borrowed, name, subject: name)
            // Hierarchies with several controllers have a link for each, as on the host.
            guard group.controllers.count > 1 else { continue }
            for controller in group.controllers where controller != name {
                try Files.makeSymlink(controller, in: folders.borrowed, to: name)
            }
        }
        if attributes.contains(.readOnly) {
            try Mounting.setAttributes(folders.borrowed, set: .readOnly, subject: action.destination.string)
        }
    }

    /// Those of the tmpfs that the hierarchies are mounted in.
    private static func folderParameters(_ action: MountAction) -> [String] {
        guard let label = action.label else { return ["mode=755"] }
        return ["mode=755", label.parameter]
    }

    /// A detached mount that shows a group as the root.
    private static func view(
        of group: CgroupTree.Group, _ attributes: LinuxSys.MountAttributes, hasNamespace: Bool
    ) throws(SyscallError) -> OwnedFD {
        guard hasNamespace else {
            let tree = try Mounting.openTree(group.folder, [.clone])
            try Mounting.setAttributes(tree.borrowed, set: attributes, subject: group.folder)
            return tree
        }
        if group.isUnified {
            return try makeFilesystem(
                type: "cgroup2", source: "cgroup2", parameters: [], superblock: [], attributes: attributes)
        }
        let named = group.controllers.first.map { $0.startsBytewise(with: "name=") } == true
        return try makeFilesystem(
            type: "cgroup", source: "cgroup", parameters: (named ? ["none"] : []) + group.controllers, superblock: [],
            attributes: attributes)
    }

    private func mountEmpty(
        _ target: BorrowedFD, _ action: MountAction, _ attributes: LinuxSys.MountAttributes
    ) throws(SyscallError) {
        let mount = try Self.makeFilesystem(
            type: "tmpfs", source: "tmpfs", parameters: Self.folderParameters(action), superblock: [],
            attributes: attributes)
        try Mounting.moveMount(mount.borrowed, to: target, subject: action.destination.string)
    }
}
