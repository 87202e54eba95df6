import OCISpec

/// The values of control groups in systemd's words (systemd.resource-control(5)).
///
/// systemd sets what it knows of anew whenever it looks after a unit again, so that it has to know what the runtime has
/// asked for. The files are written all the same: they say it exactly (a quota is whole percents to systemd), and hold
/// much that systemd has no word for.
extension UnitProperty {
    /// The properties that say the same as these writes, as far as systemd has words for them, in the same order.
    package static func properties(for writes: [CgroupWrite]) -> [UnitProperty] {
        var properties: [UnitProperty] = []
        let isIdle = writes.contains { $0.file == "cpu.idle" && $0.value == "1" }
        for write in writes {
            switch write.file {
            // An idle group has no weight: systemd has one property for both.
            case "cpu.weight" where isIdle: continue
            case "cpu.cfs_quota_us":
                let period = writes.last { $0.file == "cpu.cfs_period_us" }.flatMap { UInt64($0.value) }
                properties += quota(Int64(write.value) ?? -1, period: period, write.pointer)
            case "cpu.cfs_period_us":
                // Told together with the quota, where there is one.
                guard !writes.contains(where: { $0.file == "cpu.cfs_quota_us" }), let period = UInt64(write.value)
                else { continue }
                properties += quota(-1, period: period, write.pointer)
            default: properties += Self.properties(for: write)
            }
        }
        return properties
    }

    private static func properties(for write: CgroupWrite) -> [UnitProperty] {
        func number(_ name: String, _ text: String) -> [UnitProperty] {
            guard let number = text == "max" || text == "-1" ? .max : UInt64(text) else { return [] }
            return [UnitProperty(name, .uint64(number), pointer: write.pointer, isWrittenToo: true)]
        }
        func mask(_ name: String) -> [UnitProperty] {
            guard let mask = Self.mask(of: write.value) else { return [] }
            return [
                UnitProperty(
                    name, .array(of: "y", mask.map { Value.byte($0) }), pointer: write.pointer, isWrittenToo: true)
            ]
        }
        switch write.file {
        case "memory.max": return number("MemoryMax", write.value)
        case "memory.high": return number("MemoryHigh", write.value)
        case "memory.low": return number("MemoryLow", write.value)
        case "memory.min": return number("MemoryMin", write.value)
        case "memory.swap.max": return number("MemorySwapMax", write.value)
        case "memory.zswap.max": return number("MemoryZSwapMax", write.value)
        case "memory.limit_in_bytes": return number("MemoryLimit", write.value)
        case "pids.max": return number("TasksMax", write.value)
        case "cpu.weight": return number("CPUWeight", write.value)
        // Not idle is said by a weight.
        case "cpu.idle": return write.value == "1" ? number("CPUWeight", "0") : []
        case "cpu.shares": return number("CPUShares", write.value)
        case "cpu.max": return maximum(write)
        case "cpuset.cpus": return mask("AllowedCPUs")
        case "cpuset.mems": return mask("AllowedMemoryNodes")
        case "io.weight": return number("IOWeight", defaultWeight(write.value))
        // For one device it is the file's alone.
        case "io.bfq.weight" where write.fallback?.file == "io.weight":
            return number("IOWeight", defaultWeight(write.fallback?.value ?? ""))
        case "blkio.bfq.weight": return number("BlockIOWeight", write.value)
        default: return []
        }
    }

    /// The `100` of `default 100`; what is no number for the weight of one device.
    private static func defaultWeight(_ value: String) -> String {
        let words = value.bytewiseParts(separatedBy: " ")
        switch words.count {
        case 1: return words[0]
        case 2 where words[0] == "default": return words[1]
        default: return ""
        }
    }

    /// The kernel's own period, where nobody has named another (admin-guide/cgroup-v2.rst, `cpu.max`).
    private static let defaultPeriodMicroseconds: UInt64 = 100_000

    private static func maximum(_ write: CgroupWrite) -> [UnitProperty] {
        let words = write.value.bytewiseParts(separatedBy: " ")
        guard let first = words.first, words.count <= 2, let quota = first == "max" ? -1 : Int64(first) else {
            return []
        }
        var period: UInt64?
        if words.count == 2 {
            guard let number = UInt64(words[1]) else { return [] }
            period = number
        }
        return self.quota(quota, period: period, write.pointer)
    }

    /// systemd has the CPU time of a second, and the period by itself (since 242).
    private static func quota(_ quota: Int64, period: UInt64?, _ pointer: String) -> [UnitProperty] {
        var properties: [UnitProperty] = []
        if let period, period > 0 {
            properties.append(
                UnitProperty("CPUQuotaPeriodUSec", .uint64(period), pointer: pointer, isWrittenToo: true))
        }
        var perSecond = UInt64.max
        if quota > 0 {
            let period = period.flatMap { $0 > 0 ? $0 : nil } ?? defaultPeriodMicroseconds
            let (high, low) = UInt64(quota).multipliedFullWidth(by: 1_000_000)
            guard high < period else { return properties }
            let exact = period.dividingFullWidth((high, low)).quotient
            // Whole percents, or systemd would give less than was asked for.
            let (rounded, overflows) = (exact / 10_000 + (exact % 10_000 == 0 ? 0 : 1))
                .multipliedReportingOverflow(by: 10_000)
            guard !overflows else { return properties }
            perSecond = rounded
        }
        properties.append(
            UnitProperty("CPUQuotaPerSecUSec", .uint64(perSecond), pointer: pointer, isWrittenToo: true))
        return properties
    }

    /// A list such as `0-3,5` as a bit each, the first bit of the first byte for 0; nil for what is no such list.
    static func mask(of list: String) -> [UInt8]? {
        var mask: [UInt8] = []
        for part in list.bytewiseParts(separatedBy: ",") {
            let ends = part.bytewiseParts(separatedBy: "-").map {
                Int(String(decoding: $0.utf8.filter { $0 != 32 && $0 != 10 }, as: UTF8.self))
            }
            // NR_CPUS is 8192 where it is largest.
            guard ends.count == 1 || ends.count == 2, let first = ends[0], let last = ends[ends.count - 1],
                first >= 0, first <= last, last < 8192
            else { return nil }
            while mask.count <= last / 8 { mask.append(0) }
            for number in first...last { mask[number / 8] |= 1 << UInt8(number % 8) }
        }
        return mask.isEmpty ? nil : mask
    }
}
