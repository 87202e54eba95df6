import LosslessJSON
import OCISpec

/// Turns `/linux/resources` into the values that are written to the files of control groups, of whichever version has
/// the controller: v1's and v2's files for the same thing have other names and other units.
struct ResourceWrites {
    private let layout: CgroupLayout
    private(set) var writes: [CgroupWrite] = []
    private(set) var problems: [Problem] = []

    /// The writes of these resources on a host with this layout.
    init(_ resources: Resources, on layout: CgroupLayout) {
        self.layout = layout
        if let memory = resources.memory { add(memory) }
        if let cpu = resources.cpu { add(cpu) }
        if let pids = resources.pids { add(pids) }
        if let blockIO = resources.blockIO { add(blockIO) }
        add(hugepages: resources.hugepageLimits ?? [])
        add(rdma: resources.rdma ?? [])
        if let network = resources.network { add(network) }
        add(unified: resources.unified ?? [])
    }

    // MARK: Memory

    private mutating func add(_ memory: Resources.Memory) {
        let pointer = "/linux/resources/memory"
        if let useHierarchy = memory.useHierarchy, useHierarchy, let place = find("memory"), !place.isUnified {
            put(place, "memory.use_hierarchy", "1", pointer + "/useHierarchy")
        }
        // 0 is what engines send for a limit that nobody set.
        let limit = memory.limitBytes.flatMap { $0 == 0 ? nil : $0 }
        let swap = memory.swapBytes.flatMap { $0 == 0 ? nil : $0 }
        if limit != nil || swap != nil || memory.reservationBytes.map({ $0 != 0 }) == true,
            let place = controller(
                "memory", needed: isLimit(limit) || isLimit(swap) || isLimit(memory.reservationBytes), pointer)
        {
            if let limit {
                put(
                    place, place.isUnified ? "memory.max" : "memory.limit_in_bytes", text(limit, place),
                    pointer + "/limit")
            }
            if let swap { addSwap(swap, limit: limit, place, pointer + "/swap") }
            if let reservation = memory.reservationBytes, reservation != 0 {
                put(
                    place, place.isUnified ? "memory.low" : "memory.soft_limit_in_bytes", text(reservation, place),
                    pointer + "/reservation")
            }
        }
        if let kernelTCP = memory.kernelTCPBytes, kernelTCP > 0,
            let place = controller("memory", needed: true, pointer + "/kernelTCP")
        {
            if place.isUnified {
                problems.append(
                    Problem(
                        pointer: pointer + "/kernelTCP",
                        message: "cgroup v2 counts sockets as memory, without a limit of their own"))
            } else {
                put(place, "memory.kmem.tcp.limit_in_bytes", String(kernelTCP), pointer + "/kernelTCP")
            }
        }
        if let swappiness = memory.swappiness {
            if swappiness > 100 {
                problems.append(
                    Problem(pointer: pointer + "/swappiness", message: "expected 0 to 100, found \(swappiness)"))
            } else if let place = controller("memory", needed: true, pointer + "/swappiness") {
                if place.isUnified {
                    problems.append(
                        Problem(pointer: pointer + "/swappiness", message: "cgroup v2 has no swappiness"))
                } else {
                    put(place, "memory.swappiness", String(swappiness), pointer + "/swappiness")
                }
            }
        }
        if memory.disableOOMKiller == true,
            let place = controller("memory", needed: true, pointer + "/disableOOMKiller")
        {
            if place.isUnified {
                problems.append(
                    Problem(
                        pointer: pointer + "/disableOOMKiller", message: "cgroup v2 cannot disable the OOM killer"))
            } else {
                put(place, "memory.oom_control", "1", pointer + "/disableOOMKiller")
            }
        }
    }

    /// v1 counts memory and swap together, v2 swap alone.
    private mutating func addSwap(_ swap: Int64, limit: Int64?, _ place: Place, _ pointer: String) {
        guard place.isUnified else {
            put(place, "memory.memsw.limit_in_bytes", String(swap), pointer)
            return
        }
        if swap < 0 { return put(place, "memory.swap.max", "max", pointer) }
        guard let limit, limit > 0 else {
            problems.append(Problem(pointer: pointer, message: "a swap limit needs a memory limit"))
            return
        }
        guard swap >= limit else {
            problems.append(
                Problem(pointer: pointer, message: "expected at least the memory limit \(limit), found \(swap)"))
            return
        }
        put(place, "memory.swap.max", String(swap - limit), pointer)
    }

    private func isLimit(_ value: Int64?) -> Bool { value.map { $0 > 0 } ?? false }

    private func text(_ value: Int64, _ place: Place) -> String {
        value < 0 ? (place.isUnified ? "max" : "-1") : String(value)
    }

    // MARK: CPU

    private mutating func add(_ cpu: Resources.CPU) {
        let pointer = "/linux/resources/cpu"
        addCPUTime(cpu, pointer)
        for (value, file, name) in [(cpu.cpus, "cpuset.cpus", "cpus"), (cpu.mems, "cpuset.mems", "mems")] {
            guard let value, !value.isEmpty, let place = controller("cpuset", needed: true, "\(pointer)/\(name)")
            else { continue }
            put(place, file, value, "\(pointer)/\(name)")
        }
    }

    private mutating func addCPUTime(_ cpu: Resources.CPU, _ pointer: String) {
        let shares = cpu.shares.flatMap { $0 == 0 ? nil : $0 }
        let quota = cpu.quotaMicroseconds.flatMap { $0 == 0 ? nil : $0 }
        let period = cpu.periodMicroseconds.flatMap { $0 == 0 ? nil : $0 }
        let hasRealtime = [
            cpu.realtimeRuntimeMicroseconds.map { $0 != 0 }, cpu.realtimePeriodMicroseconds.map { $0 != 0 },
        ].contains(true)
        guard
            shares != nil || quota != nil || period != nil || cpu.burstMicroseconds != nil || cpu.idle != nil
                || hasRealtime
        else { return }
        let isNeeded =
            shares != nil || (quota ?? 0) > 0 || (cpu.burstMicroseconds ?? 0) > 0 || (cpu.idle ?? 0) != 0 || hasRealtime
        guard let place = controller("cpu", needed: isNeeded, pointer) else { return }
        if let idle = cpu.idle { put(place, "cpu.idle", String(idle), pointer + "/idle") }
        if let shares {
            if place.isUnified {
                // An idle group has no weight, and the kernel refuses to be told one.
                if cpu.idle != 1 {
                    put(place, "cpu.weight", String(CPUWeight(shares: shares).value), pointer + "/shares")
                }
            } else {
                put(place, "cpu.shares", String(shares), pointer + "/shares")
            }
        }
        if place.isUnified {
            if quota != nil || period != nil {
                let quotaText = quota.map { $0 > 0 ? String($0) : "max" } ?? "max"
                put(
                    place, "cpu.max", period.map { "\(quotaText) \($0)" } ?? quotaText,
                    pointer + (quota != nil ? "/quota" : "/period"))
            }
            if let burst = cpu.burstMicroseconds { put(place, "cpu.max.burst", String(burst), pointer + "/burst") }
            if hasRealtime {
                problems.append(
                    Problem(pointer: pointer + "/realtimeRuntime", message: "cgroup v2 has no real-time limits"))
            }
            return
        }
        // The period first: a quota is checked against it.
        if let period { put(place, "cpu.cfs_period_us", String(period), pointer + "/period") }
        if let quota { put(place, "cpu.cfs_quota_us", String(quota), pointer + "/quota") }
        if let burst = cpu.burstMicroseconds { put(place, "cpu.cfs_burst_us", String(burst), pointer + "/burst") }
        if let period = cpu.realtimePeriodMicroseconds, period != 0 {
            put(place, "cpu.rt_period_us", String(period), pointer + "/realtimePeriod")
        }
        if let runtime = cpu.realtimeRuntimeMicroseconds, runtime != 0 {
            put(place, "cpu.rt_runtime_us", String(runtime), pointer + "/realtimeRuntime")
        }
    }

    // MARK: The rest

    private mutating func add(_ pids: Resources.Pids) {
        // 0 is what engines send for a limit that nobody set.
        let limit = pids.limit
        guard limit != 0 else { return }
        guard let place = controller("pids", needed: limit > 0, "/linux/resources/pids/limit") else { return }
        put(place, "pids.max", limit > 0 ? String(limit) : "max", "/linux/resources/pids/limit")
    }

    private mutating func add(_ block: Resources.BlockIO) {
        let pointer = "/linux/resources/blockIO"
        let throttles: [(name: String, v1: String, v2: String, list: [Resources.ThrottleDevice]?)] = [
            ("throttleReadBpsDevice", "read_bps", "rbps", block.throttleReadBpsDevice),
            ("throttleWriteBpsDevice", "write_bps", "wbps", block.throttleWriteBpsDevice),
            ("throttleReadIOPSDevice", "read_iops", "riops", block.throttleReadIOPSDevice),
            ("throttleWriteIOPSDevice", "write_iops", "wiops", block.throttleWriteIOPSDevice),
        ]
        let hasThrottle = throttles.contains { $0.list?.isEmpty == false }
        let weight = block.weight.flatMap { $0 == 0 ? nil : $0 }
        let leafWeight = block.leafWeight.flatMap { $0 == 0 ? nil : $0 }
        let devices = block.weightDevice ?? []
        guard weight != nil || leafWeight != nil || !devices.isEmpty || hasThrottle else { return }
        let name = layout.index(of: "blkio") != nil ? "blkio" : "io"
        guard let place = controller(name, needed: true, pointer) else { return }
        if let weight {
            if place.isUnified {
                put(place, "io.weight", "default \(Self.ioWeight(weight))", pointer + "/weight")
            } else {
                put(place, "blkio.weight", String(weight), pointer + "/weight")
            }
        }
        if let leafWeight {
            if place.isUnified {
                problems.append(Problem(pointer: pointer + "/leafWeight", message: "cgroup v2 has no leaf weights"))
            } else {
                put(place, "blkio.leaf_weight", String(leafWeight), pointer + "/leafWeight")
            }
        }
        for (index, device) in devices.enumerated() {
            let number = "\(device.major):\(device.minor)"
            let here = "\(pointer)/weightDevice/\(index)"
            if let weight = device.weight, weight != 0 {
                put(
                    place, place.isUnified ? "io.weight" : "blkio.weight_device",
                    "\(number) \(place.isUnified ? UInt64(Self.ioWeight(weight)) : UInt64(weight))", here + "/weight")
            }
            if let weight = device.leafWeight, weight != 0 {
                if place.isUnified {
                    problems.append(
                        Problem(pointer: here + "/leafWeight", message: "cgroup v2 has no leaf weights"))
                } else {
                    put(place, "blkio.leaf_weight_device", "\(number) \(weight)", here + "/leafWeight")
                }
            }
        }
        for throttle in throttles {
            for (index, device) in (throttle.list ?? []).enumerated() {
                let here = "\(pointer)/\(throttle.name)/\(index)"
                let number = "\(device.major):\(device.minor)"
                if place.isUnified {
                    // v1's 0 is no limit, which v2 calls max: its own 0 is refused with ERANGE.
                    let rate = device.rate.flatMap { $0 == 0 ? nil : String($0) } ?? "max"
                    put(place, "io.max", "\(number) \(throttle.v2)=\(rate)", here)
                } else {
                    put(place, "blkio.throttle.\(throttle.v1)_device", "\(number) \(device.rate ?? 0)", here)
                }
            }
        }
    }

    /// v1's 10 to 1000 on v2's 1 to 10000.
    private static func ioWeight(_ weight: UInt16) -> UInt32 {
        weight <= 10 ? 1 : 1 + (UInt32(weight) - 10) * 9999 / 990
    }

    private mutating func add(hugepages: [Resources.HugepageLimit]) {
        for (index, limit) in hugepages.enumerated() {
            let pointer = "/linux/resources/hugepageLimits/\(index)"
            guard let place = controller("hugetlb", needed: true, pointer) else { continue }
            let suffix = place.isUnified ? "max" : "limit_in_bytes"
            put(place, "hugetlb.\(limit.pageSize).\(suffix)", String(limit.limitBytes), pointer + "/limit")
            // Since Linux 5.7, which is older than what the mounts need, a reservation is counted too.
            put(place, "hugetlb.\(limit.pageSize).rsvd.\(suffix)", String(limit.limitBytes), pointer + "/limit")
        }
    }

    private mutating func add(rdma: [MapEntry<Resources.Rdma>]) {
        for entry in rdma {
            let pointer = JSONPointer([.name("linux"), .name("resources"), .name("rdma"), .name(entry.key)]).description
            guard let place = controller("rdma", needed: true, pointer) else { continue }
            let handles = entry.value.hcaHandles.map { " hca_handle=\($0)" } ?? ""
            let objects = entry.value.hcaObjects.map { " hca_object=\($0)" } ?? ""
            put(place, "rdma.max", entry.key + handles + objects, pointer)
        }
    }

    private mutating func add(_ network: Resources.Network) {
        let pointer = "/linux/resources/network"
        if let classID = network.classID, let place = controller("net_cls", needed: true, pointer + "/classID") {
            put(place, "net_cls.classid", String(classID), pointer + "/classID")
        }
        for (index, priority) in (network.priorities ?? []).enumerated() {
            let here = "\(pointer)/priorities/\(index)"
            guard let place = controller("net_prio", needed: true, here) else { continue }
            put(place, "net_prio.ifpriomap", "\(priority.name) \(priority.priority)", here)
        }
    }

    private mutating func add(unified: [MapEntry<String>]) {
        for entry in unified {
            let pointer = JSONPointer([.name("linux"), .name("resources"), .name("unified"), .name(entry.key)])
                .description
            guard let index = layout.unifiedIndex else {
                problems.append(Problem(pointer: pointer, message: "there is no cgroup v2 hierarchy here"))
                continue
            }
            guard !entry.key.utf8.contains(UInt8(ascii: "/")), entry.key.utf8.contains(UInt8(ascii: ".")) else {
                problems.append(Problem(pointer: pointer, message: "expected the name of a cgroup v2 file"))
                continue
            }
            let name = String(entry.key.prefix { $0 != "." })
            guard name == "cgroup" || layout.hierarchies[index].controllers.contains(name) else {
                problems.append(Problem(pointer: pointer, message: missing(name)))
                continue
            }
            put(Place(index: index, isUnified: true), entry.key, entry.value, pointer)
        }
    }

    // MARK: Places

    private struct Place {
        var index: Int
        var isUnified: Bool
    }

    private func find(_ controller: String) -> Place? {
        layout.index(of: controller).map { Place(index: $0, isUnified: layout.hierarchies[$0].isUnified) }
    }

    private mutating func controller(_ name: String, needed: Bool, _ pointer: String) -> Place? {
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

    private mutating func put(_ place: Place, _ file: String, _ value: String, _ pointer: String) {
        writes.append(CgroupWrite(hierarchy: place.index, file: file, value: value, pointer: pointer))
    }
}
