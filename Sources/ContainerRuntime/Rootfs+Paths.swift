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
    ///   - cover: a detached empty tmpfs, kept for the next folder.
    func mask(_ path: ContainerPath, null: BorrowedFD, cover: inout OwnedFD?) throws(SyscallError) {
        let target: OwnedFD
        do throws(SyscallError) {
            target = try open(path)
        } catch {
            if error.errno == .ENOENT || error.errno == .ENOTDIR { return }
            throw error
        }
        var original = null
        if try Files.status(of: target.borrowed).type == .directory {
            if cover == nil {
                cover = try Self.makeFilesystem(
                    type: "tmpfs", source: "tmpfs", parameters: ["nr_blocks=1", "nr_inodes=1"], superblock: ["ro"],
                    attributes: [.readOnly, .noSetUserID, .noDevice, .noExecute])
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
