import OCISpec

/// `/linux/resources/memory` (config-linux.md, "Memory").
extension ResourceWrites {
    mutating func add(_ memory: Resources.Memory) {
        let pointer = base + "/memory"
        if let useHierarchy = memory.useHierarchy, useHierarchy, let place = find("memory"), !place.isUnified {
            put(place, "memory.use_hierarchy", "1", pointer + "/useHierarchy")
        }
        addLimits(memory, pointer)
        addKernelTCP(memory, pointer)
        if let swappiness = memory.swappiness {
            if swappiness > 100 {
                add(Problem(pointer: pointer + "/swappiness", message: "expected 0 to 100, found \(swappiness)"))
            } else if let place = controller("memory", needed: true, pointer + "/swappiness") {
                if place.isUnified {
                    add(Problem(pointer: pointer + "/swappiness", message: "cgroup v2 has no swappiness"))
                } else {
                    put(place, "memory.swappiness", String(swappiness), pointer + "/swappiness")
                }
            }
        }
        if memory.disableOOMKiller == true,
            let place = controller("memory", needed: true, pointer + "/disableOOMKiller")
        {
            if place.isUnified {
                add(
                    Problem(
                        pointer: pointer + "/disableOOMKiller", message: "cgroup v2 cannot disable the OOM killer"))
            } else {
                put(place, "memory.oom_control", "1", pointer + "/disableOOMKiller")
            }
        }
    }

    private mutating func addLimits(_ memory: Resources.Memory, _ pointer: String) {
        // 0 is what engines send for a limit that nobody set.
        func set(_ value: Int64?) -> Int64? { value.flatMap { $0 == 0 ? nil : $0 } }
        func isLimit(_ value: Int64?) -> Bool { value.map { $0 > 0 } ?? false }
        let (limit, swap, reservation) = (set(memory.limitBytes), set(memory.swapBytes), set(memory.reservationBytes))
        var isRight = true
        for (value, name) in [(limit, "limit"), (swap, "swap"), (reservation, "reservation")] {
            guard let value, value < -1 else { continue }
            reportNegative(value, "\(pointer)/\(name)")
            isRight = false
        }
        guard isRight, limit != nil || swap != nil || reservation != nil,
            let place = controller(
                "memory", needed: isLimit(limit) || isLimit(swap) || isLimit(reservation), pointer)
        else { return }
        let isChecked = memory.checkBeforeUpdate == true && place.isUnified
        // On v2 always: a limit that is lowered may find what it swaps out to. On v1 the two are held against each other,
        // and none never is too little; else the limit comes first, which is right where there was none before.
        let isUnlimited = swap == -1 || (swap == nil && limit == -1)
        let isSwapFirst = place.isUnified || isUnlimited
        if isSwapFirst { addSwap(swap, limit: limit, isChecked: isChecked, place, pointer) }
        if let limit {
            var write = CgroupWrite(
                hierarchy: place.index, file: place.isUnified ? "memory.max" : "memory.limit_in_bytes",
                value: text(limit, place), pointer: pointer + "/limit")
            if isChecked, limit > 0 { write.usageFile = "memory.current" }
            add(write)
        }
        if !isSwapFirst { addSwap(swap, limit: limit, isChecked: isChecked, place, pointer) }
        if let reservation {
            put(
                place, place.isUnified ? "memory.low" : "memory.soft_limit_in_bytes", text(reservation, place),
                pointer + "/reservation")
        }
    }

    /// v1 counts memory and swap together, v2 swap alone. No limit of memory is none of both, unless swap has one: on v1
    /// the sum could not be less than the memory.
    private mutating func addSwap(
        _ swap: Int64?, limit: Int64?, isChecked: Bool, _ place: Place, _ pointer: String
    ) {
        guard swap != nil || limit == -1 else { return }
        let pointer = pointer + (swap == nil ? "/limit" : "/swap")
        let swap = swap ?? -1
        var write = CgroupWrite(
            hierarchy: place.index, file: place.isUnified ? "memory.swap.max" : "memory.memsw.limit_in_bytes",
            value: text(swap, place), pointer: pointer)
        // Without accounts of swap there is no file, and no limit either.
        write.isNeedlessWithoutSwap = swap == -1
        guard place.isUnified, swap > 0 else { return add(write) }
        guard let limit, limit > 0 else {
            return add(Problem(pointer: pointer, message: "a swap limit needs a memory limit"))
        }
        guard swap >= limit else {
            return add(
                Problem(pointer: pointer, message: "expected at least the memory limit \(limit), found \(swap)"))
        }
        write.value = String(swap - limit)
        write.isNeedlessWithoutSwap = swap == limit
        if isChecked { write.usageFile = "memory.swap.current" }
        add(write)
    }

    private mutating func addKernelTCP(_ memory: Resources.Memory, _ pointer: String) {
        let pointer = pointer + "/kernelTCP"
        guard let kernelTCP = memory.kernelTCPBytes, kernelTCP != 0 else { return }
        guard kernelTCP >= -1 else { return reportNegative(kernelTCP, pointer) }
        guard let place = controller("memory", needed: kernelTCP > 0, pointer) else { return }
        if !place.isUnified {
            put(place, "memory.kmem.tcp.limit_in_bytes", String(kernelTCP), pointer)
        } else if kernelTCP > 0 {
            add(
                Problem(
                    pointer: pointer, message: "cgroup v2 counts sockets as memory, without a limit of their own"))
        }
    }

    private func text(_ value: Int64, _ place: Place) -> String {
        value == -1 && place.isUnified ? "max" : String(value)
    }
}
