import CLinux
import Glibc

/// A network device as rtnetlink(7) tells of it.
package struct NetworkDevice: Equatable, Sendable {
    /// Its number in its network namespace.
    package let index: Int32
    /// Its name.
    package let name: String
    /// IFF_UP.
    package let isUp: Bool

    /// IFNAMSIZ, without the NUL.
    package static let maximumNameBytes = 15
}

/// A socket of rtnetlink(7). It speaks of the network namespace that its maker was in, wherever the maker is later.
package struct RouteSocket: ~Copyable {
    private let socket: OwnedFD
    private var sequence: UInt32 = 0

    /// NETLINK_ROUTE of linux/netlink.h.
    private static let routeProtocol: Int32 = 0

    /// A socket for the caller's network namespace.
    package init() throws(SyscallError) {
        socket = OwnedFD(
            adopting: try check(
                clinux_socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), Self.routeProtocol), "socket", "AF_NETLINK"))
    }

    /// IFLA_* of linux/if_link.h.
    private enum LinkAttribute {
        static let name: UInt16 = 3
        static let networkNamespace: UInt16 = 28
    }

    private static let isUpFlag: UInt32 = 1

    /// The device of that name. ENODEV where there is none.
    package mutating func device(named name: String) throws(SyscallError) -> NetworkDevice {
        var message = RouteMessage(.getLink, device: 0)
        message.attribute(LinkAttribute.name, name)
        return try device(message, "RTM_GETLINK", name)
    }

    /// The device of that number. ENODEV where there is none.
    package mutating func device(at index: Int32) throws(SyscallError) -> NetworkDevice {
        try device(RouteMessage(.getLink, device: index), "RTM_GETLINK", "device \(index)")
    }

    private mutating func device(
        _ message: RouteMessage, _ operation: String, _ subject: String
    ) throws(SyscallError) -> NetworkDevice {
        for answer in try exchange(message, operation, subject)
        where answer.type == RouteMessage.Kind.changeLink.rawValue {
            // struct ifinfomsg.
            guard let attributes = answer.attributes(after: 16), let index = RouteAnswer.number(answer.payload, at: 4),
                let flags = RouteAnswer.number(answer.payload, at: 8),
                let name = attributes.first(where: { $0.type == LinkAttribute.name })?.value
            else { break }
            return NetworkDevice(
                index: Int32(bitPattern: index), name: String(decoding: name.prefix { $0 != 0 }, as: UTF8.self),
                isUp: flags & Self.isUpFlag != 0)
        }
        throw SyscallError(operation: operation, errno: .EPROTO, subject: subject)
    }

    /// The addresses of a device, in the order in which the kernel has them.
    package mutating func addresses(of device: NetworkDevice) throws(SyscallError) -> [NetworkAddress] {
        // A list that was changed while it was read is read again; whoever changes it all the time has a device that
        // can't be moved.
        for _ in 0..<8 {
            let answers = try exchange(RouteMessage(allAddressesOf: ()), "RTM_GETADDR", device.name)
            if answers.contains(where: { $0.flags & RouteAnswer.interrupted != 0 }) { continue }
            var addresses: [NetworkAddress] = []
            for answer in answers where answer.type == RouteMessage.Kind.newAddress.rawValue {
                guard let address = NetworkAddress(answer) else {
                    throw SyscallError(operation: "RTM_GETADDR", errno: .EPROTO, subject: device.name)
                }
                if address.deviceIndex == device.index { addresses.append(address) }
            }
            return addresses
        }
        throw SyscallError(operation: "RTM_GETADDR", errno: .EINTR, subject: device.name)
    }

    /// Moves a device into another network namespace, where it has `name`; it is down there, and has no addresses. EINVAL
    /// for one that belongs to its namespace, such as lo; EEXIST where the name is in use.
    package mutating func move(
        _ device: NetworkDevice, to namespace: BorrowedFD, as name: String
    ) throws(SyscallError) {
        var message = RouteMessage(.changeLink, device: device.index)
        message.attribute(LinkAttribute.networkNamespace, UInt32(bitPattern: namespace.rawValue))
        message.attribute(LinkAttribute.name, name)
        _ = try exchange(message, "RTM_NEWLINK", device.name)
    }

    /// Renames a device that is down. A name that ends in `%d` gets the first number there that is free. EEXIST where the
    /// name is in use.
    package mutating func rename(_ device: NetworkDevice, to name: String) throws(SyscallError) {
        var message = RouteMessage(.changeLink, device: device.index)
        message.attribute(LinkAttribute.name, name)
        _ = try exchange(message, "RTM_NEWLINK", name)
    }

    /// Gives a device an address that another, or the same elsewhere, had when it was called `oldName`. EEXIST where it
    /// has it; EACCES for one of IPv6 where that is switched off.
    package mutating func add(
        _ address: NetworkAddress, to device: NetworkDevice, onceNamed oldName: String
    ) throws(SyscallError) {
        _ = try exchange(address.message(for: device, onceNamed: oldName), "RTM_NEWADDR", device.name)
    }

    /// Brings a device up.
    package mutating func bringUp(_ device: NetworkDevice) throws(SyscallError) {
        let message = RouteMessage(.changeLink, device: device.index, flags: Self.isUpFlag, changed: Self.isUpFlag)
        _ = try exchange(message, "RTM_NEWLINK", device.name)
    }

    /// Sends a message, and waits for what the kernel says to it: the answers, up to the end of a list or the
    /// acknowledgement.
    private mutating func exchange(
        _ message: RouteMessage, _ operation: String, _ subject: String
    ) throws(SyscallError) -> [RouteAnswer] {
        sequence += 1
        try Sockets.send(socket.borrowed, message.finished(sequence: sequence), subject: subject)
        var found: [RouteAnswer] = []
        while true {
            var sender: UInt32 = 0
            var result = 0
            let packet = unsafe [UInt8](unsafeUninitializedCapacity: Self.packetBytes) { buffer, length in
                // SAFETY: the buffer is as long as is said, and the result tells what was filled in.
                result = retryingInterrupts {
                    unsafe clinux_receive_netlink(socket.borrowed.rawValue, buffer.baseAddress, buffer.count, &sender)
                }
                length = max(0, min(result, buffer.count))
            }
            try check(result, operation, subject)
            // Port 0 is the kernel: anybody may send to this socket.
            guard sender == 0 else { continue }
            guard result <= Self.packetBytes, let answers = RouteAnswer.all(in: packet) else {
                throw SyscallError(operation: operation, errno: .EMSGSIZE, subject: subject)
            }
            for answer in answers where answer.sequence == sequence {
                switch answer.type {
                case RouteAnswer.done, RouteAnswer.error:
                    let code = Int32(bitPattern: RouteAnswer.number(answer.payload, at: 0) ?? 0)
                    if code == 0 { return found }
                    throw SyscallError(operation: operation, errno: Errno(rawValue: -code), subject: subject)
                default: found.append(answer)
                }
            }
        }
    }

    /// More than the kernel puts into one packet: it fills 32 KiB at most of a list, and a device with many virtual
    /// functions tells of them only when asked to.
    private static let packetBytes = 1 << 16
}
