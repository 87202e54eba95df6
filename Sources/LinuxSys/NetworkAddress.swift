/// An address of a network device, as rtnetlink(7) has it.
package struct NetworkAddress: Equatable, Sendable {
    /// AF_INET, AF_INET6.
    package let family: UInt8
    /// How many bits of it are the network's.
    package let prefixLength: UInt8
    /// IFA_F_*.
    package let flags: UInt32
    /// RT_SCOPE_*.
    package let scope: UInt8
    /// The device.
    package let deviceIndex: Int32
    /// IFA_LABEL of IPv4: the device's name, and what may be after a colon.
    let label: String?
    /// What else says what the address is: its own bytes, the other end's, the broadcast, the priority of its route.
    let attributes: [Attribute]

    struct Attribute: Equatable, Sendable {
        let type: UInt16
        let value: [UInt8]
    }

    /// IFA_F_PERMANENT: it has no end.
    package var isPermanent: Bool { flags & 0x80 != 0 }
    /// RT_SCOPE_UNIVERSE: it is good for anybody.
    package var isGlobal: Bool { scope == 0 }

    /// IFA_* of linux/if_addr.h.
    private enum AttributeType {
        static let address: UInt16 = 1
        static let local: UInt16 = 2
        static let label: UInt16 = 3
        static let broadcast: UInt16 = 4
        static let cacheInfo: UInt16 = 6
        static let flags: UInt16 = 8
        static let priority: UInt16 = 9
        static let origin: UInt16 = 11
    }

    /// IFA_F_NODAD, HOMEADDRESS, MANAGETEMPADDR, NOPREFIXROUTE and MCAUTOJOIN: what whoever adds an address decides. The
    /// others are what became of it.
    private static let settableFlags: UInt32 = 0x02 | 0x10 | 0x100 | 0x200 | 0x400

    /// The address that a message of RTM_NEWADDR tells of; nil where it tells of none.
    init?(_ answer: RouteAnswer) {
        // struct ifaddrmsg.
        guard let attributes = answer.attributes(after: 8), let index = RouteAnswer.number(answer.payload, at: 4) else {
            return nil
        }
        let start = answer.payload.startIndex
        family = answer.payload[start]
        prefixLength = answer.payload[start + 1]
        var flags = UInt32(answer.payload[start + 2])
        scope = answer.payload[start + 3]
        deviceIndex = Int32(bitPattern: index)
        var label: String?
        var kept: [Attribute] = []
        for (type, value) in attributes {
            switch type {
            case AttributeType.flags: flags = RouteAnswer.number(value, at: 0) ?? flags
            case AttributeType.label:
                label = String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
            case AttributeType.address, AttributeType.local, AttributeType.broadcast, AttributeType.priority,
                AttributeType.origin, AttributeType.cacheInfo:
                kept.append(Attribute(type: type, value: Array(value)))
            default: break
            }
        }
        self.flags = flags
        self.label = label
        self.attributes = kept
    }

    /// The message that gives a device this address.
    func message(for device: NetworkDevice, onceNamed oldName: String) -> RouteMessage {
        var message = RouteMessage(adding: self, to: device.index)
        for attribute in attributes {
            if attribute.type == AttributeType.cacheInfo {
                // struct ifa_cacheinfo: how long it is preferred and good; the kernel fills in when it was made.
                message.attribute(attribute.type, Array(attribute.value.prefix(8)) + [UInt8](repeating: 0, count: 8))
            } else {
                message.attribute(attribute.type, attribute.value)
            }
        }
        if let label = renamed(label, from: oldName, to: device.name) {
            message.attribute(AttributeType.label, label)
        }
        message.attribute(AttributeType.flags, flags & Self.settableFlags)
        return message
    }

    /// `eth0:1` of a device that is now called net1: `net1:1`. Nil leaves the label to the kernel.
    private func renamed(_ label: String?, from old: String, to new: String) -> String? {
        guard let label, label.utf8.starts(with: (old + ":").utf8) else { return nil }
        let name = new + String(decoding: label.utf8.dropFirst(old.utf8.count), as: UTF8.self)
        return name.utf8.count <= NetworkDevice.maximumNameBytes ? name : nil
    }
}
