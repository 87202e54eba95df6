import LinuxSys
import RuntimePlan

/// Moves network devices from the runtime's network namespace into the container's, and back when the container does not
/// come to be (config-linux.md, "Network Devices").
struct NetworkTransfer: ~Copyable {
    /// A device that was moved.
    private struct Moved {
        /// As it is in the container.
        var device: NetworkDevice
        /// As it was.
        var origin: NetworkDevice
        var addresses: [NetworkAddress]
    }

    private let hostNamespace: OwnedFD
    /// Held open: as long as it is, the devices in it are not given up with the last process.
    private let containerNamespace: OwnedFD
    private var host: RouteSocket
    private var container: RouteSocket
    private var moved: [Moved] = []

    /// Opens both sides. The process is the container's, in its namespaces; it is the caller's child.
    /// - Throws: `SyscallError`; EINVAL where the process has the runtime's own network namespace.
    init(into process: Int32) throws(SyscallError) {
        let own = try Files.open("/proc/self/ns/net")
        let target = try Files.open("/proc/\(process)/ns/net")
        // One that was joined by a path may be any.
        if try Namespaces.identity(of: own.borrowed) == Namespaces.identity(of: target.borrowed) {
            throw SyscallError(operation: "move", errno: .EINVAL, subject: "into the runtime's own network namespace")
        }
        let outside = try RouteSocket()
        let inside = try Self.socket(in: target.borrowed, from: own.borrowed, "/proc/\(process)/ns/net")
        host = outside
        container = inside
        hostNamespace = own
        containerNamespace = target
    }

    /// A socket stays in the namespace that it was made in; the runtime goes there for that alone.
    private static func socket(
        in target: BorrowedFD, from own: BorrowedFD, _ subject: String
    ) throws(SyscallError) -> RouteSocket {
        try Processes.joinNamespace(target, .newNetwork, subject: subject)
        let inside: RouteSocket
        do throws(SyscallError) {
            inside = try RouteSocket()
        } catch {
            try Processes.joinNamespace(own, .newNetwork, subject: "/proc/self/ns/net")
            throw error
        }
        try Processes.joinNamespace(own, .newNetwork, subject: "/proc/self/ns/net")
        return inside
    }

    /// Moves a device, with the addresses that are permanent and global, under its new name, and brings it up.
    mutating func move(_ move: NetDeviceMove) throws(SyscallError) {
        let origin = try host.device(named: move.hostName)
        if !move.isTemplate { try checkIsFree(move.name) }
        var addresses: [NetworkAddress] = []
        for address in try host.addresses(of: origin) where address.isPermanent && address.isGlobal {
            addresses.append(address)
        }
        // Under a name that nobody has in either: the device's own may be taken there, and only a name that is known finds a
        // device whose number the move may have changed.
        let passing = Self.passingName()
        try host.move(origin, to: containerNamespace.borrowed, as: passing)
        var device = try container.device(named: passing)
        moved.append(Moved(device: device, origin: origin, addresses: addresses))
        try container.rename(device, to: move.name)
        // Its name is the kernel's choice where the config has a template.
        device = try container.device(at: device.index)
        try Self.restore(addresses, to: device, onceNamed: origin.name, &container)
        try container.bringUp(device)
    }

    /// Moves everything back that was moved, as far as it goes: a veth or the like would end with the container's network
    /// namespace, and a physical one would come back to the first namespace of the machine, which need not be the
    /// runtime's.
    mutating func takeBack() {
        while let last = moved.popLast() {
            // Best effort: the failure that led here is the one to tell.
            try? Self.moveBack(last, hostNamespace.borrowed, &container, &host)
        }
    }

    private static func moveBack(
        _ last: Moved, _ hostNamespace: BorrowedFD, _ container: inout RouteSocket, _ host: inout RouteSocket
    ) throws(SyscallError) {
        try container.move(last.device, to: hostNamespace, as: last.origin.name)
        let device = try host.device(named: last.origin.name)
        try restore(last.addresses, to: device, onceNamed: last.origin.name, &host)
        if last.origin.isUp { try host.bringUp(device) }
    }

    private static func restore(
        _ addresses: [NetworkAddress], to device: NetworkDevice, onceNamed name: String, _ socket: inout RouteSocket
    ) throws(SyscallError) {
        for address in addresses { try socket.add(address, to: device, onceNamed: name) }
    }

    /// Looked at before the device is touched: on its way back it would lose the routes that lead through it.
    private mutating func checkIsFree(_ name: String) throws(SyscallError) {
        do throws(SyscallError) {
            _ = try container.device(named: name)
        } catch {
            guard error.errno == .ENODEV else { throw error }
            return
        }
        throw SyscallError(operation: "rename", errno: .EEXIST, subject: name)
    }

    /// A name of 15 bytes that no device has.
    private static func passingName() -> String {
        let digits = String(UInt64(bitPattern: Clock.monotonicNanoseconds()) & 0xffff_ffff_ffff, radix: 16)
        return "rd-" + String(repeating: "0", count: 12 - digits.utf8.count) + digits
    }
}
