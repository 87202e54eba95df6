/// A network device that moves into the container's network namespace (config-linux.md, "Network Devices").
package struct NetDeviceMove: Sendable, Equatable {
    /// Its name in the runtime's network namespace.
    package var hostName: String
    /// Its name in the container's; where it ends in `%d`, the kernel puts a number there.
    package var name: String

    /// A move as given.
    package init(hostName: String, name: String) {
        self.hostName = hostName
        self.name = name
    }

    /// Whether the kernel chooses the end of the name.
    package var isTemplate: Bool { name.hasSuffix("%d") }

    /// `eth0 as net1`.
    package var summary: String {
        hostName.utf8.elementsEqual(name.utf8) ? hostName : "\(hostName) as \(name)"
    }
}
