package import OCISpec

/// A device node to make in the container, mode and owner resolved (config-linux.md, "Devices").
package struct DeviceNode: Sendable, Equatable {
    /// The node's place in `/linux/devices`; nil for a default device.
    package var index: Int?
    /// Where it is made.
    package var path: ContainerPath
    /// Block, character or FIFO.
    package var type: DeviceType
    /// Major number; 0 for a FIFO.
    package var major: UInt32
    /// Minor number; 0 for a FIFO.
    package var minor: UInt32
    /// Permission bits.
    package var mode: UInt32
    /// The owner, in the container's user namespace.
    package var userID: UInt32
    /// The group, in the container's user namespace.
    package var groupID: UInt32
    /// Whether the config names the mode: a node that is there already gets it too.
    package var givesMode = false
    /// Whether the config names the owner or the group.
    package var givesOwner = false

    /// A node as given.
    package init(
        index: Int?, path: ContainerPath, type: DeviceType, major: UInt32, minor: UInt32, mode: UInt32 = 0o666,
        userID: UInt32 = 0, groupID: UInt32 = 0
    ) {
        self.index = index
        self.path = path
        self.type = type
        self.major = major
        self.minor = minor
        self.mode = mode
        self.userID = userID
        self.groupID = groupID
    }

    /// Whether it is in `/dev`, by its path.
    package var isInDev: Bool { path.normalized.startsBytewise(with: "/dev/") }

    /// `/dev/null c 1:3`.
    package var summary: String { "\(path.string) \(type.rawValue) \(major):\(minor)" }

    /// The devices that every container has (config-linux.md, "Default Devices").
    package static let always: [DeviceNode] = [
        DeviceNode(index: nil, path: ContainerPath("/dev/null"), type: .character, major: 1, minor: 3),
        DeviceNode(index: nil, path: ContainerPath("/dev/zero"), type: .character, major: 1, minor: 5),
        DeviceNode(index: nil, path: ContainerPath("/dev/full"), type: .character, major: 1, minor: 7),
        DeviceNode(index: nil, path: ContainerPath("/dev/random"), type: .character, major: 1, minor: 8),
        DeviceNode(index: nil, path: ContainerPath("/dev/urandom"), type: .character, major: 1, minor: 9),
        DeviceNode(index: nil, path: ContainerPath("/dev/tty"), type: .character, major: 5, minor: 0),
    ]
}
