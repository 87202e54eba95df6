internal import LosslessJSON

extension Resources {
    /// An element of `/linux/resources/hugepageLimits` (config-linux.md, "Huge page limits"). Both are REQUIRED.
    package struct HugepageLimit: Equatable, Sendable {
        /// `pageSize`: the size with its unit, such as `2MB`; the kernel has `KB`, `MB` and `GB`.
        package var pageSize: String
        /// `limit`: how much may be used of it, in bytes.
        package var limitBytes: UInt64

        /// Makes a limit.
        package init(pageSize: String, limitBytes: UInt64) {
            self.pageSize = pageSize
            self.limitBytes = limitBytes
        }
    }
}

extension Resources.HugepageLimit: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        pageSize = decoder.requiredString("pageSize", in: object)
        limitBytes = decoder.requiredInteger("limit", in: object)
    }
}
