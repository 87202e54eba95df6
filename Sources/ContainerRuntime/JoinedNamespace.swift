import LinuxSys
import OCISpec
import RuntimePlan

extension ProcessCreation.Joined {
    /// Opens the namespace and checks its type. The descriptor is the one to enter: what the path leads to later is
    /// somebody else's business.
    /// - Throws: `SyscallError` about `place`; EINVAL for a namespace of another type and for what is none.
    func open() throws(SyscallError) -> OwnedFD {
        let descriptor: OwnedFD
        do throws(SyscallError) {
            // Not blocking: at the path may be a FIFO.
            descriptor = try Files.open(path.string, [.readOnly, .nonBlocking])
        } catch {
            throw SyscallError(operation: error.operation, errno: error.errno, subject: place)
        }
        // Before the ioctl, whose number another file's driver may take for something of its own.
        guard try Files.fileSystem(of: descriptor.borrowed).type == FileSystemStatus.nsfs else {
            throw SyscallError(operation: "join what is no namespace,", errno: .EINVAL, subject: place)
        }
        let found: UInt64
        do throws(SyscallError) {
            found = try Namespaces.type(of: descriptor.borrowed).cloneFlag.rawValue
        } catch {
            throw SyscallError(operation: error.operation, errno: error.errno, subject: place)
        }
        guard found == type.cloneFlag else {
            let name = OCISpec.NamespaceType.allCases.first { $0.cloneFlag == found }?.rawValue ?? "strange"
            throw SyscallError(operation: "join a \(name) namespace,", errno: .EINVAL, subject: place)
        }
        return descriptor
    }

    /// Enters the namespace by the descriptor that `open` gave.
    /// - Throws: `SyscallError` about `place`.
    func enter(_ descriptor: BorrowedFD) throws(SyscallError) {
        try Processes.joinNamespace(descriptor, CloneFlags(rawValue: type.cloneFlag), subject: place)
    }
}
