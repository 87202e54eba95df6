import OCISpec

/// `/linux/resources/cpu` (config-linux.md, "CPU").
extension ResourceWrites {
    mutating func add(_ cpu: Resources.CPU) {
        let pointer = base + "/cpu"
        // Before the time: where a process may run is what its share is one of.
        for (value, file, name) in [(cpu.cpus, "cpuset.cpus", "cpus"), (cpu.mems, "cpuset.mems", "mems")] {
            guard let value, !value.isEmpty, let place = controller("cpuset", needed: true, "\(pointer)/\(name)")
            else { continue }
            put(place, file, value, "\(pointer)/\(name)")
        }
        addTime(cpu, pointer)
    }

    private mutating func addTime(_ cpu: Resources.CPU, _ pointer: String) {
        // 0 is what engines send for a value that nobody set.
        let shares = cpu.shares.flatMap { $0 == 0 ? nil : $0 }
        let quota = cpu.quotaMicroseconds.flatMap { $0 == 0 ? nil : $0 }
        let period = cpu.periodMicroseconds.flatMap { $0 == 0 ? nil : $0 }
        let realtimeRuntime = cpu.realtimeRuntimeMicroseconds.flatMap { $0 == 0 ? nil : $0 }
        let realtimePeriod = cpu.realtimePeriodMicroseconds.flatMap { $0 == 0 ? nil : $0 }
        if let idle = cpu.idle, idle != 0, idle != 1 {
            add(Problem(pointer: pointer + "/idle", message: "expected 0 or 1, found \(idle)"))
        }
        if let burst = cpu.burstMicroseconds, let quota, quota > 0, burst > UInt64(quota) {
            add(
                Problem(pointer: pointer + "/burst", message: "expected at most the quota \(quota), found \(burst)"))
        }
        let hasRealtime = realtimeRuntime != nil || realtimePeriod != nil
        guard
            shares != nil || quota != nil || period != nil || cpu.burstMicroseconds != nil || cpu.idle != nil
                || hasRealtime
        else { return }
        let isNeeded =
            shares != nil || (quota ?? 0) > 0 || (cpu.burstMicroseconds ?? 0) > 0 || (cpu.idle ?? 0) != 0 || hasRealtime
        guard let place = controller("cpu", needed: isNeeded, pointer) else { return }
        // Before the shares: what is idle has none to be told, and what is not any more takes them.
        if let idle = cpu.idle { put(place, "cpu.idle", String(idle), pointer + "/idle") }
        if let shares, cpu.idle != 1 {
            if place.isUnified {
                put(place, "cpu.weight", String(CPUWeight(shares: shares).value), pointer + "/shares")
            } else {
                put(place, "cpu.shares", String(shares), pointer + "/shares")
            }
        }
        if place.isUnified {
            addMaximum(quota: quota, period: period, place, pointer)
            if let burst = cpu.burstMicroseconds { put(place, "cpu.max.burst", String(burst), pointer + "/burst") }
            for (value, name) in [
                (realtimeRuntime != nil, "realtimeRuntime"), (realtimePeriod != nil, "realtimePeriod"),
            ]
            where value {
                add(Problem(pointer: "\(pointer)/\(name)", message: "cgroup v2 has no real-time limits"))
            }
            return
        }
        // The period first: a quota is checked against it.
        if let period { put(place, "cpu.cfs_period_us", String(period), pointer + "/period") }
        if let quota { put(place, "cpu.cfs_quota_us", quota > 0 ? String(quota) : "-1", pointer + "/quota") }
        // After the quota, which it may not be more than.
        if let burst = cpu.burstMicroseconds { put(place, "cpu.cfs_burst_us", String(burst), pointer + "/burst") }
        if let realtimePeriod {
            put(place, "cpu.rt_period_us", String(realtimePeriod), pointer + "/realtimePeriod")
        }
        if let realtimeRuntime {
            put(place, "cpu.rt_runtime_us", String(realtimeRuntime), pointer + "/realtimeRuntime")
        }
    }

    /// A quota that comes alone leaves the period as it is (the kernel's admin-guide/cgroup-v2.rst), and so has a period
    /// that comes alone to leave the quota.
    private mutating func addMaximum(quota: Int64?, period: UInt64?, _ place: Place, _ pointer: String) {
        guard quota != nil || period != nil else { return }
        let limit = quota.map { $0 > 0 ? String($0) : "max" } ?? "max"
        var write = CgroupWrite(
            hierarchy: place.index, file: "cpu.max", value: period.map { "\(limit) \($0)" } ?? limit,
            pointer: pointer + (quota != nil ? "/quota" : "/period"))
        write.keepsFirstWord = quota == nil
        add(write)
    }
}
