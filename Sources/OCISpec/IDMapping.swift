internal import LosslessJSON

/// A range of user or group ids that are others on the host (config-linux.md, "User namespace mappings";
/// user_namespaces(7)). Each of the three is REQUIRED.
package struct IDMapping: Equatable, Sendable {
    /// `containerID`: the first id in the container.
    package var containerID: UInt32
    /// `hostID`: the id on the host that it stands for.
    package var hostID: UInt32
    /// `size`: how many ids there are.
    package var size: UInt32

    /// Makes a range.
    package init(containerID: UInt32, hostID: UInt32, size: UInt32) {
        self.containerID = containerID
        self.hostID = hostID
        self.size = size
    }
}

extension IDMapping {
    /// The id on the host that an id of the container's stands for; nil for one that no range has.
    package static func hostID(of id: UInt32, in map: [IDMapping]) -> UInt32? {
        for mapping in map where id >= mapping.containerID && id - mapping.containerID < mapping.size {
            let (host, overflow) = mapping.hostID.addingReportingOverflow(id - mapping.containerID)
            return overflow ? nil : host
        }
        return nil
    }
}

extension IDMapping: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        containerID = decoder.requiredInteger("containerID", in: object)
        hostID = decoder.requiredInteger("hostID", in: object)
        size = decoder.requiredInteger("size", in: object)
    }
}
