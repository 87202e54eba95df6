import LinuxSys
import OCISpec
import RuntimePlan

extension Rootfs {
    /// Makes a path and all below it read-only; a missing one is no error (config-linux.md, "Readonly Paths").
    func makeReadOnly(_ path: ContainerPath) throws(SyscallError) {
        let target: OwnedFD
        do throws(SyscallError) {
            target = try open(path)
        } catch {
            if error.errno == .ENOENT || error.errno == .ENOTDIR { return }
            throw error
        }
        // One descriptor from the look-up to the mount: a path that is resolved again may lead elsewhere by then.
        let tree = try Mounting.openTree("", in: target.borrowed, [.clone, .recursive, .emptyPath])
        try Mounting.setAttributes(tree.borrowed, recursive: true, set: .readOnly, subject: path.string)
        try Mounting.moveMount(tree.borrowed, to: target.borrowed, subject: path.string)
    }

    /// Covers a path: a file by the host's `/dev/null`, a folder by an empty read-only tmpfs; a missing one is no error
    /// (config-linux.md, "Masked Paths").
    /// - Parameters:
    ///   - null: the host's `/dev/null`, its device number checked. Not the container's: what lies there is the image's
    ///     word (CVE-2025-31133).
    ///   - cover: an empty tmpfs over the first such folder, kept for the next.
    ///   - label: the SELinux label of that tmpfs.
    func mask(
        _ path: ContainerPath, null: BorrowedFD, cover: inout OwnedFD?, label: MountLabel?
    ) throws(SyscallError) {
        let target: OwnedFD
        do throws(SyscallError) {
            target = try open(path)
        } catch {
            if error.errno == .ENOENT || error.errno == .ENOTDIR { return }
            throw error
        }
        var original = null
        if try Files.status(of: target.borrowed).type == .directory {
            guard cover != nil else {
                var parameters = ["nr_blocks=1", "nr_inodes=1"]
                if let label { parameters.append(label.parameter) }
                let made = try Self.makeFilesystem(
                    type: "tmpfs", source: "tmpfs", parameters: parameters, superblock: ["ro"],
                    attributes: [.readOnly, .noSetUserID, .noDevice, .noExecute])
                try Mounting.moveMount(made.borrowed, to: target.borrowed, subject: path.string)
                // In place: before Linux 6.15 a mount that is attached nowhere can't be cloned.
                cover = consume made
                return
            }
            original = number(of: cover)
        }
        let mount = try Mounting.openTree("", in: original, [.clone, .emptyPath])
        // The node is the host's own: its mode and owner are not the container's to change. Device nodes on a read-only
        // mount can be written to.
        try Mounting.setAttributes(
            mount.borrowed, set: [.readOnly, .noSetUserID, .noExecute], subject: path.string)
        try Mounting.moveMount(mount.borrowed, to: target.borrowed, subject: path.string)
    }

    /// Makes the working folder where it is missing, 0755 (what runtimes have always done).
    func makeWorkingDirectory(_ path: ContainerPath) throws(SyscallError) {
        let folder = try openOrMake(path, as: .directory)
        _ = consume folder
    }
}
