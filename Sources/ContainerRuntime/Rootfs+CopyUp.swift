import LinuxSys
import RuntimePlan

extension Rootfs {
    /// A copy on its way, from a folder to another: what `tmpcopyup` asks of a new tmpfs, of which nobody knows yet.
    ///
    /// Both sides are walked by descriptors and no link is followed, so that whatever an image puts there stays inside.
    /// Owners, modes, extended attributes, link texts and names that several have in common are kept; sockets, which
    /// nobody could answer any more, are left out, and in a user namespace device nodes, which nobody may make there.
    struct Copy {
        /// A file with several names that has one in the copy already.
        private struct Linked {
            let device: DeviceNumber
            let inode: UInt64
            /// Its path below the root of the copy.
            let path: String
        }

        /// The root of the copy.
        private let root: BorrowedFD
        /// Whether device nodes are left out.
        private let leavesOutDevices: Bool
        /// Where the copy goes to, for errors.
        private let destination: String
        private var linked: [Linked] = []

        /// Copies what a folder holds.
        /// - Parameter path: where the copy will be, for errors.
        static func contents(
            of source: BorrowedFD, to target: BorrowedFD, path: String, leavingOutDevices: Bool
        ) throws(SyscallError) {
            // The root's own descriptor may be one that can't be read (O_PATH), or written through.
            let root = try Files.open(".", in: target, [.readOnly, .directory])
            var copy = Copy(root: root.borrowed, leavesOutDevices: leavingOutDevices, destination: path)
            try copy.copyContents(of: source, to: root.borrowed, path: "", depth: 0)
        }

        private init(root: BorrowedFD, leavesOutDevices: Bool, destination: String) {
            self.root = root
            self.leavesOutDevices = leavesOutDevices
            self.destination = destination
        }

        private mutating func copyContents(
            of source: BorrowedFD, to target: BorrowedFD, path: String, depth: Int
        ) throws(SyscallError) {
            // Two descriptors are open for each folder on the way.
            guard depth < 128 else {
                throw SyscallError(operation: "copy", errno: .ELOOP, subject: destination + "/" + path)
            }
            let folder = try Files.open(".", in: source, [.readOnly, .directory])
            for name in try Files.list(folder.borrowed, subject: destination + "/" + path) {
                try copyEntry(
                    name, in: folder.borrowed, to: target, path: path.isEmpty ? name : path + "/" + name, depth: depth)
            }
        }

        private mutating func copyEntry(
            _ name: String, in folder: BorrowedFD, to target: BorrowedFD, path: String, depth: Int
        ) throws(SyscallError) {
            let status = try Files.status(name, in: folder, follow: false)
            if status.type != .directory, status.linkCount > 1 {
                if let known = linked.first(where: { $0.inode == status.inode && $0.device == status.device }) {
                    return try Files.link(known.path, in: root, to: name, in: target)
                }
            }
            switch status.type {
            case .directory:
                let from = try Files.open(name, in: folder, [.readOnly, .directory, .noFollow])
                try Files.makeDirectory(name, in: target, mode: 0o700)
                let made = try Files.open(name, in: target, [.readOnly, .directory, .noFollow])
                try copyContents(of: from.borrowed, to: made.borrowed, path: path, depth: depth + 1)
                try copyAttributes(of: from.borrowed, status, to: made.borrowed, path: path)
            case .regular:
                // Not blocking: a FIFO may have taken its place.
                let from = try Files.open(name, in: folder, [.readOnly, .noFollow, .nonBlocking])
                guard try Files.status(of: from.borrowed).type == .regular else {
                    throw SyscallError(operation: "copy", errno: .EAGAIN, subject: destination + "/" + path)
                }
                let made = try Files.open(name, in: target, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
                try Files.copy(from: from.borrowed, to: made.borrowed, subject: destination + "/" + path)
                try copyAttributes(of: from.borrowed, status, to: made.borrowed, path: path)
            case .symbolicLink:
                try Files.makeSymlink(name, in: target, to: try Files.readLink(name, in: folder))
                try copyOwner(status, of: name, in: target, path: path)
            case .characterDevice, .blockDevice, .fifo:
                guard try makeNode(name, status, in: target) else { return }
                try copyOwner(status, of: name, in: target, path: path)
            case .socket, .other: return
            }
            if status.type != .directory, status.linkCount > 1 {
                linked.append(Linked(device: status.device, inode: status.inode, path: path))
            }
        }

        /// Makes a node.
        /// - Returns: false for one that is left out.
        private func makeNode(
            _ name: String, _ status: FileStatus, in target: BorrowedFD
        ) throws(SyscallError) -> Bool {
            do throws(SyscallError) {
                try Files.makeNode(
                    name, in: target, type: status.type, permissions: status.permissions,
                    device: status.representedDevice)
                return true
            } catch {
                guard error.errno == .EPERM, leavesOutDevices, status.type != .fifo else { throw error }
                return false
            }
        }

        private func copyOwner(
            _ status: FileStatus, of name: String, in target: BorrowedFD, path: String
        ) throws(SyscallError) {
            let made = try Files.open(name, in: target, [.path, .noFollow])
            try copyOwner(status, to: made.borrowed, path: path)
        }

        private func copyOwner(_ status: FileStatus, to made: BorrowedFD, path: String) throws(SyscallError) {
            do throws(SyscallError) {
                try Files.changeOwner(of: made, uid: status.uid, gid: status.gid, subject: destination + "/" + path)
            } catch {
                // An owner that this user namespace has no number for becomes the container's root.
                guard error.errno == .EINVAL else { throw error }
            }
        }

        /// Gives what was made the owner, the mode and the extended attributes of what it is a copy of: in this order,
        /// because a change of owner takes set-user-ID bits and file capabilities away, and one of the mode changes an
        /// access control list.
        private func copyAttributes(
            of source: BorrowedFD, _ status: FileStatus, to made: BorrowedFD, path: String
        ) throws(SyscallError) {
            let subject = destination + "/" + path
            try copyOwner(status, to: made, path: path)
            try Files.changeMode(of: made, permissions: status.permissions, subject: subject)
            let names: [String]
            do throws(SyscallError) {
                names = try Files.listExtendedAttributes(of: source, subject: subject)
            } catch {
                guard error.errno == .ENOTSUP else { throw error }
                return
            }
            for name in names {
                // The labels of security modules are the new file system's own, or mountLabel's.
                if name == "security.selinux" || name.hasPrefix("security.SMACK64") { continue }
                guard let value = try Files.extendedAttribute(name, of: source, subject: subject) else { continue }
                do throws(SyscallError) {
                    try Files.setExtendedAttribute(name, of: made, to: value, subject: subject)
                } catch {
                    // A tmpfs before Linux 6.6 has no user.*, and a user namespace no trusted.*: notes and capabilities
                    // may go, an access control list not, without which the group would have what its mask allows.
                    guard error.errno == .ENOTSUP || error.errno == .EPERM, !name.hasPrefix("system.") else {
                        throw error
                    }
                }
            }
        }
    }
}
