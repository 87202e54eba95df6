import LinuxSys
import LosslessJSON

/// What a container uses, as `events` prints it: the members and units that runc's callers read. Times are in nanoseconds,
/// sizes in bytes; a member that this kernel has no file for is left out.
struct Statistics {
    private let groups: CgroupTree

    init(groups: CgroupTree) {
        self.groups = groups
    }

    /// Writes the object.
    func write(to writer: inout JSONWriter) throws(RuntimeError) {
        do throws(SyscallError) {
            writer.beginObject()
            try writeCPU(&writer)
            try writeCPUSet(&writer)
            try writeMemory(&writer)
            try writePids(&writer)
            try writeBlockIO(&writer)
            try writeHugepages(&writer)
            writer.name("intel_rdt")
            writer.beginObject()
            writer.endObject()
            writer.name("network_interfaces")
            writer.null()
            writer.endObject()
        } catch {
            throw RuntimeError(error, in: "read statistics")
        }
    }

    private func files(_ controller: String) -> (files: GroupFiles, isUnified: Bool)? {
        groups.group(of: controller).map { (GroupFiles(folder: $0.folder), $0.isUnified) }
    }

    // MARK: CPU

    /// What a tick of cpuacct.stat is (USER_HZ, 100 on every architecture that Linux has it on).
    private static let nanosecondsPerTick: UInt64 = 10_000_000

    private func writeCPU(_ writer: inout JSONWriter) throws(SyscallError) {
        writer.name("cpu")
        writer.beginObject()
        writer.name("usage")
        writer.beginObject()
        var throttling: [(name: String, value: UInt64)] = []
        if let accounting = groups.groups.first(where: { !$0.isUnified && $0.controllers.contains("cpuacct") }) {
            try writeLegacyUsage(GroupFiles(folder: accounting.folder), &writer)
        } else if let unified = groups.unified {
            // cpu.stat tells the time with and without the controller.
            let stat = try GroupFiles(folder: unified.folder).named("cpu.stat")
            for (name, member) in [("usage_usec", "total"), ("system_usec", "kernel"), ("user_usec", "user")] {
                if let value = stat.value(name) { writer.member(member, value * 1000) }
            }
        }
        writer.endObject()
        if let (files, isUnified) = files("cpu") {
            throttling = try files.named("cpu.stat").compactMap { entry in
                switch entry.name {
                case "nr_periods": ("periods", entry.value)
                case "nr_throttled": ("throttledPeriods", entry.value)
                case "throttled_time" where !isUnified: ("throttledTime", entry.value)
                case "throttled_usec" where isUnified: ("throttledTime", entry.value * 1000)
                default: nil
                }
            }
        }
        writer.name("throttling")
        writer.beginObject()
        for entry in throttling { writer.member(entry.name, entry.value) }
        writer.endObject()
        writer.endObject()
    }

    private func writeLegacyUsage(_ files: GroupFiles, _ writer: inout JSONWriter) throws(SyscallError) {
        if let total = try files.number("cpuacct.usage") { writer.member("total", total) }
        if let each = try files.numbers("cpuacct.usage_percpu") { writer.member("percpu", each) }
        // A heading, then `CPU USER SYSTEM`.
        let rows = try files.lines("cpuacct.usage_all").dropFirst().filter { $0.count == 3 }
        if !rows.isEmpty {
            writer.member("percpu_kernel", rows.compactMap { UInt64($0[2]) })
            writer.member("percpu_user", rows.compactMap { UInt64($0[1]) })
        }
        let ticks = try files.named("cpuacct.stat")
        if let kernel = ticks.value("system") { writer.member("kernel", kernel * Self.nanosecondsPerTick) }
        if let user = ticks.value("user") { writer.member("user", user * Self.nanosecondsPerTick) }
    }

    private func writeCPUSet(_ writer: inout JSONWriter) throws(SyscallError) {
        writer.name("cpuset")
        writer.beginObject()
        defer { writer.endObject() }
        guard let (files, isUnified) = files("cpuset") else { return }
        let suffix = isUnified ? ".effective" : ""
        if let cpus = try files.lines("cpuset.cpus" + suffix).first?.first { writer.member("cpus", Self.list(cpus)) }
        if !isUnified, let value = try files.number("cpuset.cpu_exclusive") { writer.member("cpu_exclusive", value) }
        if let nodes = try files.lines("cpuset.mems" + suffix).first?.first { writer.member("mems", Self.list(nodes)) }
        guard !isUnified else { return }
        for name in [
            "mem_hardwall", "mem_exclusive", "memory_migrate", "memory_spread_page", "memory_spread_slab",
            "memory_pressure", "sched_load_balance",
        ] {
            if let value = try files.number("cpuset." + name) { writer.member(name, value) }
        }
        if let level = try files.number("cpuset.sched_relax_domain_level") {
            writer.member("sched_relax_domain_level", Int64(bitPattern: level))
        }
    }

    /// The numbers of a list such as `0-3,7` (cpuset(7), "Lists format").
    static func list(_ text: String) -> [UInt64] {
        var numbers: [UInt64] = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-").compactMap { UInt64($0) }
            guard let first = ends.first, let last = ends.last, first <= last, last - first < 1 << 16 else { continue }
            numbers += first...last
        }
        return numbers
    }

    // MARK: Memory

    private func writeMemory(_ writer: inout JSONWriter) throws(SyscallError) {
        writer.name("memory")
        writer.beginObject()
        defer { writer.endObject() }
        guard let (files, isUnified) = files("memory") else { return }
        let raw = try files.named("memory.stat")
        if let cache = raw.value(isUnified ? "file" : "cache") { writer.member("cache", cache) }
        if isUnified {
            try writeUnifiedMemory(files, &writer)
        } else {
            for (member, prefix) in [
                ("usage", "memory"), ("swap", "memory.memsw"), ("kernel", "memory.kmem"),
                ("kernelTCP", "memory.kmem.tcp"),
            ] {
                try writeLegacyMemory(files, member, prefix, &writer)
            }
        }
        writer.name("raw")
        writer.beginObject()
        for entry in raw { writer.member(entry.name, entry.value) }
        writer.endObject()
    }

    private func writeLegacyMemory(
        _ files: GroupFiles, _ member: String, _ prefix: String, _ writer: inout JSONWriter
    ) throws(SyscallError) {
        guard let limit = try files.number(prefix + ".limit_in_bytes") else { return }
        writer.name(member)
        writer.beginObject()
        writer.member("limit", limit)
        if let usage = try files.number(prefix + ".usage_in_bytes") { writer.member("usage", usage) }
        if let peak = try files.number(prefix + ".max_usage_in_bytes") { writer.member("max", peak) }
        writer.member("failcnt", try files.number(prefix + ".failcnt") ?? 0)
        writer.endObject()
    }

    private func writeUnifiedMemory(_ files: GroupFiles, _ writer: inout JSONWriter) throws(SyscallError) {
        let limit = try files.number("memory.max")
        let usage = try files.number("memory.current")
        if let limit, let usage {
            writer.name("usage")
            writer.beginObject()
            writer.member("limit", limit)
            writer.member("usage", usage)
            if let peak = try files.number("memory.peak") { writer.member("max", peak) }
            writer.member("failcnt", try files.named("memory.events").value("max") ?? 0)
            writer.endObject()
            // As v1 counts it: memory and swap together.
            if let swap = try files.number("memory.swap.current"), let swapLimit = try files.number("memory.swap.max") {
                let (together, isUnlimited) = limit.addingReportingOverflow(swapLimit)
                writer.name("swap")
                writer.beginObject()
                writer.member("limit", isUnlimited ? .max : together)
                writer.member("usage", usage + swap)
                writer.member("failcnt", try files.named("memory.swap.events").value("fail") ?? 0)
                writer.endObject()
            }
        }
    }

    // MARK: The others

    private func writePids(_ writer: inout JSONWriter) throws(SyscallError) {
        writer.name("pids")
        writer.beginObject()
        if let (files, _) = files("pids") {
            if let current = try files.number("pids.current") { writer.member("current", current) }
            if let limit = try files.number("pids.max"), limit != .max { writer.member("limit", limit) }
        }
        writer.endObject()
    }

    private func writeBlockIO(_ writer: inout JSONWriter) throws(SyscallError) {
        writer.name("blkio")
        writer.beginObject()
        if let (files, _) = files("blkio") {
            for (member, name) in [
                ("ioServiceBytesRecursive", "io_service_bytes"), ("ioServicedRecursive", "io_serviced"),
            ] {
                var rows: [[String]] = []
                // Whose scheduler the device has tells more; the throttling layer sees all of them.
                for file in [
                    "blkio.bfq.\(name)_recursive", "blkio.throttle.\(name)_recursive", "blkio.throttle.\(name)",
                ]
                where rows.isEmpty {
                    rows = try files.lines(file).filter { $0.count == 3 }
                }
                writeDevices(member, rows.map { ($0[0], $0[1], $0[2]) }, &writer)
            }
        } else if let (files, _) = files("io") {
            let rows = try files.lines("io.stat")
            for (member, keys) in [
                ("ioServiceBytesRecursive", [("rbytes", "Read"), ("wbytes", "Write"), ("dbytes", "Discard")]),
                ("ioServicedRecursive", [("rios", "Read"), ("wios", "Write"), ("dios", "Discard")]),
            ] {
                var entries: [(String, String, String)] = []
                for row in rows {
                    for (key, operation) in keys {
                        guard let word = row.first(where: { $0.hasPrefix(key + "=") }) else { continue }
                        entries.append((row[0], operation, String(word.dropFirst(key.utf8.count + 1))))
                    }
                }
                writeDevices(member, entries, &writer)
            }
        }
        writer.endObject()
    }

    private func writeDevices(
        _ member: String, _ entries: [(device: String, operation: String, value: String)], _ writer: inout JSONWriter
    ) {
        guard !entries.isEmpty else { return }
        writer.name(member)
        writer.beginArray()
        for entry in entries {
            let numbers = entry.device.split(separator: ":").compactMap { UInt64($0) }
            guard numbers.count == 2, let value = UInt64(entry.value) else { continue }
            writer.beginObject()
            writer.member("major", numbers[0])
            writer.member("minor", numbers[1])
            writer.member("op", entry.operation)
            writer.member("value", value)
            writer.endObject()
        }
        writer.endArray()
    }

    private func writeHugepages(_ writer: inout JSONWriter) throws(SyscallError) {
        writer.name("hugetlb")
        writer.beginObject()
        defer { writer.endObject() }
        guard let group = groups.group(of: "hugetlb") else { return }
        let files = GroupFiles(folder: group.folder)
        let suffix = group.isUnified ? ".current" : ".usage_in_bytes"
        let folder = try Files.open(group.folder, [.directory])
        for name in try Files.list(folder.borrowed).sorted() where name.hasPrefix("hugetlb.") && name.hasSuffix(suffix)
        {
            let size = name.dropFirst("hugetlb.".count).dropLast(suffix.count)
            // The reservations have files of their own.
            guard !size.utf8.contains(UInt8(ascii: ".")), let usage = try files.number(name) else { continue }
            writer.name(String(size))
            writer.beginObject()
            writer.member("usage", usage)
            if let peak = try files.number("hugetlb.\(size).max_usage_in_bytes") { writer.member("max", peak) }
            let failures =
                group.isUnified
                ? try files.named("hugetlb.\(size).events").value("max")
                : try files.number("hugetlb.\(size).failcnt")
            writer.member("failcnt", failures ?? 0)
            writer.endObject()
        }
    }
}

extension Array where Element == (name: String, value: UInt64) {
    /// The value of a name.
    fileprivate func value(_ name: String) -> UInt64? { first { $0.name == name }?.value }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ values: [UInt64]) {
        self.name(name)
        beginArray()
        for value in values { int(value) }
        endArray()
    }
}
