import LinuxSys
import OCISpec
import RuntimePlan

/// The container's root file system while it is put together: a descriptor of the mount that will be its `/`, and what
/// resolves every path of the container below it.
///
/// Whoever wrote the image may have put links, devices and mounts anywhere, and another container may change a shared
/// volume while this one is created (CVE-2019-18837, CVE-2021-30465). So a path is resolved once, by openat2 with
/// RESOLVE_IN_ROOT, and all that follows works on the descriptor.
struct Rootfs: ~Copyable {
    /// The mount that becomes `/`; none before it is attached.
    var mount: OwnedFD?
    /// The mounts that become read-only once everything is made, by their own descriptors: the path of one may lead elsewhere
    /// by then.
    var unfinished = OwnedFDList()
    /// Their places in `/mounts`.
    var unfinishedPlaces: [Int] = []

    /// The mount that becomes `/`.
    var root: BorrowedFD { number(of: mount) }

    /// What a missing target of a mount is made as.
    enum TargetKind {
        /// A folder.
        case directory
        /// An empty file.
        case file
    }

    /// A name in an open folder.
    struct Entry: ~Copyable {
        /// The folder.
        let folder: OwnedFD
        /// The name in it.
        let name: String
    }

    /// Opens a path of the container as a place to mount on, without making anything.
    /// - Parameter refusesLinks: any link on the way is an error (ELOOP).
    /// - Throws: `SyscallError`, ENOENT when it is missing.
    func open(_ path: ContainerPath, refusesLinks: Bool = false) throws(SyscallError) -> OwnedFD {
        try Files.open2(
            Self.relative(path), in: root, [.path],
            resolve: refusesLinks ? [.inRoot, .noMagicLinks, .noSymlinks] : [.inRoot, .noMagicLinks])
    }

    /// Opens a path of the container as a place to mount on; what is missing of it is made, 0755 and root's.
    func openOrMake(
        _ path: ContainerPath, as kind: TargetKind, refusesLinks: Bool = false
    ) throws(SyscallError) -> OwnedFD {
        do throws(SyscallError) {
            return try open(path, refusesLinks: refusesLinks)
        } catch {
            guard error.errno == .ENOENT else { throw error }
        }
        return try make(path, as: kind)
    }

    /// Opens the place that a mount goes to.
    func openTarget(of action: MountAction) throws(SyscallError) -> OwnedFD {
        guard action.keepsDestinationSymlink else { return try open(action.destination) }
        let entry = try openParent(action.destination)
        return try Files.open(entry.name, in: entry.folder.borrowed, [.path, .noFollow])
    }

    /// Opens the place that a mount goes to, made where it is missing.
    func openTarget(
        of action: MountAction, as kind: TargetKind, refusesLinks: Bool = false
    ) throws(SyscallError) -> OwnedFD {
        guard action.keepsDestinationSymlink else {
            return try openOrMake(action.destination, as: kind, refusesLinks: refusesLinks)
        }
        // One component and no link followed: whatever takes the name's place stays in the folder.
        let entry = try openParent(action.destination)
        do throws(SyscallError) {
            return try Files.open(entry.name, in: entry.folder.borrowed, [.path, .noFollow])
        } catch {
            guard error.errno == .ENOENT else { throw error }
        }
        try make(entry.name, in: entry.folder.borrowed, as: kind)
        return try Files.open(entry.name, in: entry.folder.borrowed, [.path, .noFollow])
    }

    /// Makes a file or folder, unless it is there.
    func make(_ name: String, in folder: BorrowedFD, as kind: TargetKind) throws(SyscallError) {
        do throws(SyscallError) {
            if kind == .file {
                let made = try Files.open(name, in: folder, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o644)
                _ = consume made
            } else {
                try Files.makeDirectory(name, in: folder, mode: 0o755)
            }
        } catch {
            // Another container of the same root or volume may have made it just now. Whatever it is, it is opened next,
            // following no link.
            guard error.errno == .EEXIST else { throw error }
        }
    }

    /// Makes what is missing of a path. Links are followed inside the root, one component at a time, each opened without
    /// following any: whoever exchanges a folder for a link meanwhile gets an ELOOP.
    private func make(_ path: ContainerPath, as kind: TargetKind) throws(SyscallError) -> OwnedFD {
        var rest = Array(path.components.reversed())
        var resolved: [String] = []
        var links = 0
        while let name = rest.popLast() {
            if name == ".." {
                resolved = resolved.dropLast()
                continue
            }
            let folder = try openResolved(resolved)
            do throws(SyscallError) {
                let status = try Files.status(name, in: folder.borrowed, follow: false)
                if status.type == .symbolicLink {
                    links += 1
                    guard links <= 40 else {
                        throw SyscallError(operation: "openat2", errno: .ELOOP, subject: path.string)
                    }
                    let target = try Files.readLink(name, in: folder.borrowed)
                    if target.utf8.first == UInt8(ascii: "/") { resolved = [] }
                    rest += ContainerPath(target).components.reversed()
                    continue
                }
            } catch {
                guard error.errno == .ENOENT else { throw error }
                try make(name, in: folder.borrowed, as: rest.isEmpty ? kind : .directory)
            }
            resolved.append(name)
        }
        return try openResolved(resolved)
    }

    private func openResolved(_ components: [String]) throws(SyscallError) -> OwnedFD {
        try Files.open2(
            components.isEmpty ? "." : Self.joined(components), in: root, [.path],
            resolve: [.inRoot, .noMagicLinks, .noSymlinks])
    }

    /// Written out: the standard library's `joined` looks its conformances up among all that there are.
    private static func joined(_ components: [String]) -> String {
        var path = ""
        for component in components {
            if !path.isEmpty { path += "/" }
            path += component
        }
        return path
    }

    /// The folder that holds a path's last component, made where it is missing, and that component: for the calls that
    /// make or remove a node by name.
    func openParent(_ path: ContainerPath) throws(SyscallError) -> Entry {
        var components = path.components
        guard let name = components.popLast(), name != ".." else {
            throw SyscallError(operation: "openat2", errno: .EISDIR, subject: path.string)
        }
        let folder = try openOrMake(ContainerPath("/" + Self.joined(components)), as: .directory)
        return Entry(folder: folder, name: name)
    }

    private static func relative(_ path: ContainerPath) -> String {
        // RESOLVE_IN_ROOT reads a leading slash as the root, so the container's path serves as it is.
        path.string
    }
}
