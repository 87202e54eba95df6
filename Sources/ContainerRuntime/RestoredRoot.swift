import LinuxSys
import OCISpec
import RuntimePlan

/// The root file system as CRIU wants it: a mount, with every folder and file that something is mounted on.
///
/// It is made in a mount namespace of CRIU's own.
struct RestoredRoot {
    /// The config's mounts.
    let mounts: [MountAction]
    /// Relative sources start there.
    let bundle: String
    /// The root file system's path.
    let path: String
    /// Where it is mounted, without links.
    let mountPoint: String

    /// Mounts it.
    func prepare() throws(SyscallError) {
        let place = try Files.open(mountPoint, [.path, .directory])
        try cutOff(place.borrowed)
        let umask = Files.setUmask(0)
        defer { _ = Files.setUmask(umask) }
        try makeMountPoints(at: place.borrowed)
        let tree = try Mounting.openTree(path, [.clone, .recursive])
        try Mounting.moveMount(tree.borrowed, to: place.borrowed, subject: mountPoint)
    }

    /// Lets nothing of what is mounted at the place be seen on the host: what happens there still comes in.
    private func cutOff(_ place: BorrowedFD) throws(SyscallError) {
        var current = try Files.open(".", in: place, [.path, .directory])
        // Bounded by the depth of any path that can be opened.
        for _ in 0..<4096 {
            if try Files.status(of: current.borrowed).isMountRoot {
                return try Mounting.setAttributes(current.borrowed, propagation: .slave, subject: mountPoint)
            }
            current = try Files.open("..", in: current.borrowed, [.path, .directory])
        }
        throw SyscallError(operation: "open", errno: .ELOOP, subject: "..")
    }

    /// Makes what is missing of the places that something is mounted on: a root file system that was unpacked anew has them
    /// no more. What is inside a bind mount is made there, as create does; what is inside a new file system CRIU restores
    /// with it.
    private func makeMountPoints(at place: BorrowedFD) throws(SyscallError) {
        // A copy that passes nothing on: sources are bound below it for the moment.
        let copy = try Self.privateTree(path)
        try Mounting.moveMount(copy.borrowed, to: place, subject: mountPoint)
        var root = Rootfs()
        root.mount = consume copy
        var filesystems: [String] = []
        for action in mounts {
            let destination = action.destination.normalized
            guard !filesystems.contains(where: { destination.startsBytewise(with: $0 + "/") }) else { continue }
            switch action.source {
            case .filesystem:
                let target = try root.openTarget(of: action, as: .directory)
                _ = consume target
                filesystems.append(destination)
            case .bind(let source, _):
                let source = HostPath(source.absolute(in: bundle))
                if action.copiesSymlink, try root.copyLink(source, to: action.destination) { continue }
                let tree = try Self.privateTree(source.string, follow: !action.keepsSourceSymlink)
                let isFolder = try Files.status(of: tree.borrowed).type == .directory
                let target = try root.openTarget(of: action, as: isFolder ? .directory : .file)
                try Mounting.moveMount(tree.borrowed, to: target.borrowed, subject: action.destination.string)
            case .cgroup, .remount: break
            }
        }
        try Mounting.unmount(mountPoint, [.detach])
    }

    private static func privateTree(_ path: String, follow: Bool = true) throws(SyscallError) -> OwnedFD {
        let tree = try Mounting.openTree(path, follow ? [.clone, .recursive] : [.clone, .recursive, .noFollow])
        try Mounting.setAttributes(tree.borrowed, recursive: true, propagation: .isPrivate, subject: path)
        return tree
    }
}
