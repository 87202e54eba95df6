internal import LosslessJSON

extension Resources {
    /// A value of `/linux/resources/rdma` (config-linux.md, "RDMA"): at least one of both is needed.
    package struct Rdma: Equatable, Sendable {
        /// `hcaHandles`: how many handles of the device may be opened.
        package var hcaHandles: UInt32?
        /// `hcaObjects`: how many objects may be made on it.
        package var hcaObjects: UInt32?

        /// Makes limits.
        package init(hcaHandles: UInt32? = nil, hcaObjects: UInt32? = nil) {
            self.hcaHandles = hcaHandles
            self.hcaObjects = hcaObjects
        }
    }
}

extension Resources.Rdma: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        hcaHandles = decoder.integer("hcaHandles", in: object)
        hcaObjects = decoder.integer("hcaObjects", in: object)
    }
}
