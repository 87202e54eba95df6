package import LosslessJSON

/// `/linux/resources`: the limits of the container's cgroup (config-linux.md, "Control groups"), and the whole document
/// that `update --resources` reads.
package struct Resources: Sendable {
    /// `/linux/resources/unified`: files of cgroup v2 and what is written to them.
    package var unified: [MapEntry<String>]?
    /// `/linux/resources/devices`: the device allow list, applied in order.
    package var devices: [DeviceCgroup]?
    /// `/linux/resources/pids`: the number of processes.
    package var pids: Pids?
    /// `/linux/resources/blockIO`: block devices.
    package var blockIO: BlockIO?
    /// `/linux/resources/cpu`: CPU time and placement.
    package var cpu: CPU?
    /// `/linux/resources/hugepageLimits`: huge pages by size.
    package var hugepageLimits: [HugepageLimit]?
    /// `/linux/resources/memory`: memory.
    package var memory: Memory?
    /// `/linux/resources/network`: marks and priorities of network traffic.
    package var network: Network?
    /// `/linux/resources/rdma`: remote direct memory access, by device.
    package var rdma: [MapEntry<Rdma>]?

    /// Makes an empty section.
    package init() {}

    /// Reads a document that is a bare `resources` object, such as the file of `update --resources`. Pointers in
    /// problems start at that object: `/memory/limit`.
    package init(_ json: JSON) throws(SpecProblems) {
        self = try SpecDecoder.decode(Resources.self, from: json)
    }
}

extension Resources: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        unified = decoder.stringMap("unified", in: object)
        devices = decoder.sections("devices", in: object)
        pids = decoder.section("pids", in: object)
        blockIO = decoder.section("blockIO", in: object)
        cpu = decoder.section("cpu", in: object)
        hugepageLimits = decoder.sections("hugepageLimits", in: object)
        memory = decoder.section("memory", in: object)
        network = decoder.section("network", in: object)
        rdma = decoder.sectionMap("rdma", in: object)
    }
}
