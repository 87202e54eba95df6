import OCISpec

/// `/linux/resources/blockIO` (config-linux.md, "Block IO").
extension ResourceWrites {
    mutating func add(_ block: Resources.BlockIO) {
        let pointer = base + "/blockIO"
        let throttles: [(name: String, v1: String, v2: String, list: [Resources.ThrottleDevice]?)] = [
            ("throttleReadBpsDevice", "read_bps", "rbps", block.throttleReadBpsDevice),
            ("throttleWriteBpsDevice", "write_bps", "wbps", block.throttleWriteBpsDevice),
            ("throttleReadIOPSDevice", "read_iops", "riops", block.throttleReadIOPSDevice),
            ("throttleWriteIOPSDevice", "write_iops", "wiops", block.throttleWriteIOPSDevice),
        ]
        let hasThrottle = throttles.contains { $0.list?.isEmpty == false }
        let devices = block.weightDevice ?? []
        let isRight = checkWeights(block, pointer)
        // 0 is what engines send for a weight that nobody set.
        let weight = block.weight.flatMap { $0 == 0 ? nil : $0 }
        guard isRight, weight != nil || !devices.isEmpty || hasThrottle else { return }
        let name = layout.index(of: "blkio") != nil ? "blkio" : "io"
        guard let place = controller(name, needed: true, pointer) else { return }
        if let weight { addWeight(weight, ofDevice: nil, place, pointer + "/weight") }
        for (index, device) in devices.enumerated() {
            let number = "\(device.major):\(device.minor)"
            let here = "\(pointer)/weightDevice/\(index)"
            if let weight = device.weight, weight != 0 {
                addWeight(weight, ofDevice: number, place, here + "/weight")
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

    private mutating func checkWeights(_ block: Resources.BlockIO, _ pointer: String) -> Bool {
        var weights = [(block.weight, pointer + "/weight")]
        var leafWeights = [(block.leafWeight, pointer + "/leafWeight")]
        var isRight = true
        for (index, device) in (block.weightDevice ?? []).enumerated() {
            let here = "\(pointer)/weightDevice/\(index)"
            weights.append((device.weight, here + "/weight"))
            leafWeights.append((device.leafWeight, here + "/leafWeight"))
            guard device.weight == nil, device.leafWeight == nil else { continue }
            add(Problem(pointer: here, message: "expected at least one of weight and leafWeight"))
            isRight = false
        }
        for (weight, place) in weights {
            guard let weight, weight != 0, !(10...1000).contains(weight) else { continue }
            add(Problem(pointer: place, message: "expected 10 to 1000, found \(weight)"))
            isRight = false
        }
        // CFQ alone had them, which is older than what the mounts need.
        for (weight, place) in leafWeights where (weight ?? 0) != 0 {
            add(Problem(pointer: place, message: "no kernel since Linux 5.0 has leaf weights"))
            isRight = false
        }
        return isRight
    }

    /// A weight is for a scheduler: CFQ had it until Linux 5.0, which left v1 without the file, and BFQ took it over under
    /// a name of its own, on v1 with the same numbers. On v2 BFQ has v1's numbers too, and the kernel's own controller has
    /// 1 to 10000.
    private mutating func addWeight(_ weight: UInt16, ofDevice device: String?, _ place: Place, _ pointer: String) {
        let value = device.map { "\($0) \(weight)" } ?? String(weight)
        let suffix = device == nil ? "" : "_device"
        var write = CgroupWrite(
            hierarchy: place.index, file: place.isUnified ? "io.bfq.weight" : "blkio.bfq.weight" + suffix, value: value,
            pointer: pointer)
        write.fallback =
            place.isUnified
            ? CgroupWrite.Fallback(file: "io.weight", value: "\(device ?? "default") \(Self.ioWeight(weight))")
            : CgroupWrite.Fallback(file: "blkio.weight" + suffix, value: value)
        add(write)
    }

    /// v1's 10 to 1000 on v2's 1 to 10000, in a straight line, as the runtimes have agreed on it.
    private static func ioWeight(_ weight: UInt16) -> UInt32 {
        weight <= 10 ? 1 : 1 + (UInt32(weight) - 10) * 9999 / 990
    }
}
