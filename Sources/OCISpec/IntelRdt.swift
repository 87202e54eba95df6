internal import LosslessJSON

/// `/linux/intelRdt`: Intel Resource Director Technology (config-linux.md, "IntelRdt"; the kernel's resctrl).
package struct IntelRdt: Equatable, Sendable {
    /// `/linux/intelRdt/closID`: the class of service, a folder below `/sys/fs/resctrl`. Absent: the container's id.
    package var closID: String?
    /// `/linux/intelRdt/schemata`: lines that are written to the class's `schemata` file.
    package var schemata: [String]?
    /// `/linux/intelRdt/l3CacheSchema`: the line of the L3 cache.
    package var l3CacheSchema: String?
    /// `/linux/intelRdt/memBwSchema`: the line of memory bandwidth.
    package var memBwSchema: String?
    /// `/linux/intelRdt/enableMonitoring`: whether a monitoring group is made for the container.
    package var enableMonitoring: Bool?

    /// Makes an empty section.
    package init() {}
}

extension IntelRdt: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        closID = decoder.string("closID", in: object)
        schemata = decoder.strings("schemata", in: object)
        l3CacheSchema = decoder.string("l3CacheSchema", in: object)
        memBwSchema = decoder.string("memBwSchema", in: object)
        enableMonitoring = decoder.bool("enableMonitoring", in: object)
    }
}
