internal import LosslessJSON

/// A value of `/linux/netDevices`: a network device that moves into the container (config-linux.md, "Network Devices").
package struct NetDevice: Equatable, Sendable {
    /// `name`: its name in the container. Absent: the name that it has on the host.
    package var name: String?

    /// Makes a network device.
    package init(name: String? = nil) { self.name = name }
}

extension NetDevice: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        name = decoder.string("name", in: object)
    }
}
