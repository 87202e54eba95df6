import LosslessJSON
package import OCISpec

/// Turns `/linux/resources`, or the document of an update, into the values that are written to the files of control
/// groups, of whichever version has the controller: v1's and v2's files for the same thing have other names and other
/// units (config-linux.md, "Control groups"). Only what the document names is written.
package struct ResourceWrites {
    let layout: CgroupLayout
    /// The pointer of the resources.
    let base: String
    /// The values, in the order in which they are written.
    package private(set) var writes: [CgroupWrite] = []
    /// What can't be had: a controller that is missing, a value that no version takes or that this one cannot hold.
    package private(set) var problems: [Problem] = []

    /// The writes of these resources on a host with this layout.
    /// - Parameter base: the JSON pointer of the resources; empty where they are the whole document.
    package init(_ resources: Resources, on layout: CgroupLayout, at base: String = "/linux/resources") {
        self.layout = layout
        self.base = base
        if let memory = resources.memory { add(memory) }
        if let cpu = resources.cpu { add(cpu) }
        if let pids = resources.pids { add(pids) }
        if let blockIO = resources.blockIO { add(blockIO) }
        add(hugepages: resources.hugepageLimits ?? [])
        add(rdma: resources.rdma ?? [])
        if let network = resources.network { add(network) }
        // Last, so that what is asked for in the kernel's own words wins.
        add(unified: resources.unified ?? [])
    }

    private mutating func add(_ pids: Resources.Pids) {
        let pointer = base + "/pids/limit"
        // 0 is what engines send for a limit that nobody set.
        let limit = pids.limit
        guard limit != 0 else { return }
        guard limit >= -1 else { return reportNegative(limit, pointer) }
        guard let place = controller("pids", needed: limit > 0, pointer) else { return }
        put(place, "pids.max", limit > 0 ? String(limit) : "max", pointer)
    }

    private mutating func add(hugepages: [Resources.HugepageLimit]) {
        for (index, limit) in hugepages.enumerated() {
            let pointer = "\(base)/hugepageLimits/\(index)"
            guard Self.isPageSize(limit.pageSize) else {
                problems.append(
                    Problem(
                        pointer: pointer + "/pageSize",
                        message: "expected a size such as 64KB, 2MB or 1GB, found \"\(limit.pageSize)\""))
                continue
            }
            guard let place = controller("hugetlb", needed: true, pointer) else { continue }
            let suffix = place.isUnified ? "max" : "limit_in_bytes"
            put(place, "hugetlb.\(limit.pageSize).\(suffix)", String(limit.limitBytes), pointer + "/limit")
            // Since Linux 5.7, which is older than what the mounts need, a reservation is counted too.
            put(place, "hugetlb.\(limit.pageSize).rsvd.\(suffix)", String(limit.limitBytes), pointer + "/limit")
        }
    }

    /// Whether it is a number and KB, MB or GB: it becomes a part of a file's name.
    private static func isPageSize(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= 3, bytes[bytes.count - 1] == UInt8(ascii: "B") else { return false }
        let unit = bytes[bytes.count - 2]
        guard unit == UInt8(ascii: "K") || unit == UInt8(ascii: "M") || unit == UInt8(ascii: "G") else { return false }
        return bytes.dropLast(2).allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }

    private mutating func add(rdma: [MapEntry<Resources.Rdma>]) {
        for entry in rdma {
            let pointer = base + JSONPointer([.name("rdma"), .name(entry.key)]).description
            guard !entry.key.isEmpty, !entry.key.utf8.contains(where: { $0 <= UInt8(ascii: " ") }) else {
                problems.append(Problem(pointer: pointer, message: "expected the name of a device"))
                continue
            }
            guard entry.value.hcaHandles != nil || entry.value.hcaObjects != nil else {
                problems.append(
                    Problem(pointer: pointer, message: "expected at least one of hcaHandles and hcaObjects"))
                continue
            }
            guard let place = controller("rdma", needed: true, pointer) else { continue }
            let handles = entry.value.hcaHandles.map { " hca_handle=\($0)" } ?? ""
            let objects = entry.value.hcaObjects.map { " hca_object=\($0)" } ?? ""
            put(place, "rdma.max", entry.key + handles + objects, pointer)
        }
    }

    private mutating func add(_ network: Resources.Network) {
        let pointer = base + "/network"
        // Class 0 is none.
        if let classID = network.classID, let place = controller("net_cls", needed: classID != 0, pointer + "/classID")
        {
            put(place, "net_cls.classid", String(classID), pointer + "/classID")
        }
        for (index, priority) in (network.priorities ?? []).enumerated() {
            let here = "\(pointer)/priorities/\(index)"
            guard !priority.name.isEmpty, !priority.name.utf8.contains(where: { $0 <= UInt8(ascii: " ") }) else {
                problems.append(
                    Problem(
                        pointer: here + "/name",
                        message: "expected the name of a network device, found \"\(priority.name)\""))
                continue
            }
            guard let place = controller("net_prio", needed: true, here) else { continue }
            put(place, "net_prio.ifpriomap", "\(priority.name) \(priority.priority)", here)
        }
    }

    private mutating func add(unified: [MapEntry<String>]) {
        for entry in unified {
            let pointer = base + JSONPointer([.name("unified"), .name(entry.key)]).description
            guard let index = layout.unifiedIndex else {
                problems.append(Problem(pointer: pointer, message: "there is no cgroup v2 hierarchy here"))
                continue
            }
            guard !entry.key.utf8.contains(UInt8(ascii: "/")), entry.key.utf8.contains(UInt8(ascii: ".")) else {
                problems.append(Problem(pointer: pointer, message: "expected the name of a cgroup v2 file"))
                continue
            }
            let name = String(entry.key.unicodeScalars.prefix { $0 != "." })
            guard name == "cgroup" || layout.hierarchies[index].controllers.contains(name) else {
                problems.append(Problem(pointer: pointer, message: missing(name)))
                continue
            }
            let place = Place(index: index, isUnified: true)
            // The kernel takes a device, or whatever else a line is about, a write: of several it would pass over all but
            // the first.
            let lines = entry.value.bytewiseParts(separatedBy: "\n")
            guard lines.count > 1 else {
                var write = CgroupWrite(hierarchy: index, file: entry.key, value: entry.value, pointer: pointer)
                write.isOfPartition = entry.key == "cpuset.cpus.partition"
                add(write)
                continue
            }
            for line in lines { put(place, entry.key, line, pointer) }
        }
    }

    // MARK: Places

    struct Place {
        var index: Int
        var isUnified: Bool
    }

    func find(_ controller: String) -> Place? {
        layout.index(of: controller).map { Place(index: $0, isUnified: layout.hierarchies[$0].isUnified) }
    }

    mutating func controller(_ name: String, needed: Bool, _ pointer: String) -> Place? {
        if let place = find(name) { return place }
        // No limit needs no controller.
        if needed { problems.append(Problem(pointer: pointer, message: missing(name))) }
        return nil
    }

    private func missing(_ controller: String) -> String {
        let list = layout.controllers
        return "the \(controller) controller is missing; "
            + (list.isEmpty ? "there are none here" : "there are \(list.joined(separator: ", "))")
    }

    mutating func put(_ place: Place, _ file: String, _ value: String, _ pointer: String) {
        add(CgroupWrite(hierarchy: place.index, file: file, value: value, pointer: pointer))
    }

    mutating func add(_ write: CgroupWrite) { writes.append(write) }

    mutating func add(_ problem: Problem) { problems.append(problem) }

    mutating func reportNegative(_ value: Int64, _ pointer: String) {
        problems.append(Problem(pointer: pointer, message: "expected -1 for no limit, or more, found \(value)"))
    }
}
