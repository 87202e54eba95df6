import CLinux

/// The types of namespaces: namespaces(7).
package enum NamespaceType: UInt8, CaseIterable, Sendable {
    /// Mounts.
    case mount
    /// Host and domain name.
    case uts
    /// System V IPC and POSIX message queues.
    case ipc
    /// Ids and capabilities.
    case user
    /// Process ids.
    case pid
    /// Network devices.
    case network
    /// The root of cgroup paths.
    case cgroup
    /// Offsets of the boot and monotonic clocks (Linux 5.6).
    case time

    /// Written out: what the standard library has for types with a raw value goes through its generic witnesses.
    package static func == (left: NamespaceType, right: NamespaceType) -> Bool { left.rawValue == right.rawValue }

    /// As above.
    package static func != (left: NamespaceType, right: NamespaceType) -> Bool { left.rawValue != right.rawValue }

    /// The flag that makes it, or joins it.
    package var cloneFlag: CloneFlags {
        switch self {
        case .mount: .newMount
        case .uts: .newUTS
        case .ipc: .newIPC
        case .user: .newUser
        case .pid: .newPID
        case .network: .newNetwork
        case .cgroup: .newCgroup
        case .time: .newTime
        }
    }

    /// Its name below /proc/PID/ns.
    package var procName: String {
        switch self {
        case .mount: "mnt"
        case .uts: "uts"
        case .ipc: "ipc"
        case .user: "user"
        case .pid: "pid"
        case .network: "net"
        case .cgroup: "cgroup"
        case .time: "time"
        }
    }
}

/// Which namespace it is: two descriptors of the same one have equal identities, as long as one of them is open.
package struct NamespaceIdentity: Equatable, Hashable, Sendable {
    /// The device of nsfs.
    package let device: DeviceNumber
    /// The number that /proc/PID/ns shows.
    package let inode: UInt64
}

/// Namespaces by descriptor: ioctl_ns(2).
package enum Namespaces {
    /// Opens a namespace of a process below `procfs`, an open /proc. `process` is `self`, or a pid.
    package static func open(
        _ type: NamespaceType, of process: String = "self", procfs: BorrowedFD
    ) throws(SyscallError) -> OwnedFD {
        try Files.open("\(process)/ns/\(type.procName)", in: procfs)
    }

    /// NS_GET_NSTYPE: which type a namespace is. ENOTTY for a descriptor of something else.
    package static func type(
        of fd: BorrowedFD, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> NamespaceType {
        let bits = try check(clinux_namespace_type(fd.rawValue), "ioctl(NS_GET_NSTYPE)", subject() ?? fd.description)
        let flag = CloneFlags(rawValue: UInt64(UInt32(bitPattern: bits)))
        for type in NamespaceType.allCases where type.cloneFlag == flag {
            return type
        }
        throw SyscallError(operation: "ioctl(NS_GET_NSTYPE)", errno: .EINVAL, subject: subject() ?? fd.description)
    }

    /// NS_GET_USERNS: the user namespace that owns the namespace. EPERM when it is outside the caller's.
    package static func owner(of fd: BorrowedFD) throws(SyscallError) -> OwnedFD {
        OwnedFD(adopting: try check(clinux_namespace_user(fd.rawValue), "ioctl(NS_GET_USERNS)", fd.description))
    }

    /// NS_GET_PARENT: the parent of a user or pid namespace. EPERM when it is outside the caller's.
    package static func parent(of fd: BorrowedFD) throws(SyscallError) -> OwnedFD {
        OwnedFD(adopting: try check(clinux_namespace_parent(fd.rawValue), "ioctl(NS_GET_PARENT)", fd.description))
    }

    /// Which namespace it is.
    package static func identity(
        of fd: BorrowedFD, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> NamespaceIdentity {
        let status = try Files.status(of: fd, subject: subject())
        return NamespaceIdentity(device: status.device, inode: status.inode)
    }

    /// sethostname(2), of the caller's UTS namespace. EINVAL over 64 bytes.
    package static func setHostName(_ name: String) throws(SyscallError) {
        let count = name.utf8.count
        // SAFETY: the C string lives as long as the call.
        try check(unsafe name.withCText { unsafe clinux_sethostname($0, count) }, "sethostname", name)
    }

    /// setdomainname(2), of the caller's UTS namespace. EINVAL over 64 bytes.
    package static func setDomainName(_ name: String) throws(SyscallError) {
        let count = name.utf8.count
        // SAFETY: the C string lives as long as the call.
        try check(unsafe name.withCText { unsafe clinux_setdomainname($0, count) }, "setdomainname", name)
    }
}
