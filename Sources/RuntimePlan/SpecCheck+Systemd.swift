import LosslessJSON
import OCISpec

/// What the systemd driver makes of a config.
extension SpecCheck {
    /// Checks `/linux/cgroupsPath`, which is `slice:prefix:name` to this driver, and the annotations that are properties.
    mutating func scopePlace(
        _ path: String?, for writes: [CgroupWrite], in instance: SystemdInstance
    ) -> ScopePlace {
        let pointer = "/linux/cgroupsPath"
        var place = ScopePlace(slice: nil, prefix: "raind", name: nil, instance: instance)
        if let path {
            let parts = path.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            if parts.count == 3 {
                if !parts[0].isEmpty { place.slice = parts[0] }
                place.prefix = parts[1]
                place.name = parts[2]
                check(place, pointer)
            } else {
                report(pointer, "expected slice:prefix:name, as systemd makes the control groups, found \"\(path)\"")
            }
        }
        if instance == .user, host.cgroups.kind != .v2 {
            report(pointer, "a user's systemd makes control groups for containers on cgroup v2 alone")
        }
        place.properties = UnitProperty.properties(for: writes) + annotatedProperties()
        return place
    }

    private mutating func check(_ place: ScopePlace, _ pointer: String) {
        if let slice = place.slice, !ScopePlace.isSlice(slice) {
            report(pointer, "expected the name of a slice, such as machine.slice, found \"\(slice)\"")
        }
        let name = place.name ?? ""
        if name.isEmpty { return report(pointer, "expected slice:prefix:name, found no name") }
        if name.hasSuffix(".slice") {
            report(pointer, "\(name) is a slice, which takes no processes: a container is a scope")
        }
        let whole = "\(place.prefix)-\(name).scope"
        if !whole.utf8.allSatisfy(ScopePlace.isAllowed) || whole.utf8.contains(UInt8(ascii: "@")) {
            report(pointer, "expected letters, digits and any of : - _ . \\ in a scope's name, found \"\(whole)\"")
        }
        if whole.utf8.count > 255 {
            report(pointer, "expected a scope's name of at most 255 bytes, found \(whole.utf8.count)")
        }
    }

    /// The rules about devices in systemd's words, on v1: there it gives every device to a unit without such rules each time
    /// that it looks at it, an update's included. On cgroup2 it leaves the eBPF programs of others alone, which say all that
    /// a config can.
    mutating func deviceProperties(_ rules: LegacyDeviceRules) -> [UnitProperty] {
        guard !(rules.allowsOthers && rules.exceptions.isEmpty) else { return [] }
        let pointer = "/linux/resources/devices"
        let lines = rules.exceptions.compactMap { rule -> UnitProperty.Value? in
            let kind = rule.kind == .block ? "block" : "char"
            let name: String
            switch (rule.major, rule.minor) {
            case (nil, nil): name = kind + "-*"
            case (let major?, nil): name = "\(kind)-\(major)"
            case (let major?, let minor?): name = "/dev/\(kind)/\(major):\(minor)"
            case (nil, _?): return nil
            }
            return .tuple([.string(name), .string(rule.access)])
        }
        guard !rules.allowsOthers, lines.count == rules.exceptions.count else {
            report(pointer, "is more than systemd's own rules on cgroup v1 can say: they allow devices by number")
            return []
        }
        return [
            UnitProperty("DevicePolicy", .string("strict"), pointer: pointer),
            UnitProperty("DeviceAllow", .array(of: "(ss)", lines), pointer: pointer),
        ]
    }

    /// The properties that annotations ask for.
    private mutating func annotatedProperties() -> [UnitProperty] {
        var properties: [UnitProperty] = []
        let prefix = ConfigAnnotation.propertyPrefix
        for entry in spec.annotations ?? [] where entry.key.startsBytewise(with: prefix) {
            let pointer = JSONPointer([.name("annotations"), .name(entry.key)]).description
            let name = entry.key.bytewiseSuffix(from: prefix.utf8.count)
            guard Self.isPropertyName(name) else {
                report(pointer, "expected the name of a property after \(prefix), found \"\(name)\"")
                continue
            }
            // Whose processes they are and where the scope is, is told elsewhere; a process that is somebody else's would
            // end with the container.
            guard !["PIDs", "PIDFDs", "Slice"].contains(name) else {
                report(pointer, "\(name) is the runtime's to set")
                continue
            }
            do throws(PropertyText.Failure) {
                let value = try PropertyText.value(of: entry.value)
                properties.append(try Self.inMicroseconds(UnitProperty(name, value, pointer: pointer)))
            } catch {
                report(pointer, "\(error.message), in \"\(entry.value)\"")
            }
        }
        return properties
    }

    private static func isPropertyName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return false }
        return name.utf8.allSatisfy {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        }
    }

    /// What is `TimeoutStopSec` in a unit's file is `TimeoutStopUSec` over D-Bus, in microseconds.
    private static func inMicroseconds(_ property: UnitProperty) throws(PropertyText.Failure) -> UnitProperty {
        let bytes = Array(property.name.utf8)
        guard bytes.count > 3, bytes.suffix(3).elementsEqual("Sec".utf8),
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[bytes.count - 4])
        else { return property }
        let seconds: Double
        switch property.value {
        case .byte(let number): seconds = Double(number)
        case .int16(let number): seconds = Double(number)
        case .uint16(let number): seconds = Double(number)
        case .int32(let number): seconds = Double(number)
        case .uint32(let number): seconds = Double(number)
        case .int64(let number): seconds = Double(number)
        case .uint64(let number): seconds = Double(number)
        case .double(let number): seconds = number
        default: throw PropertyText.Failure(message: "expected a number of seconds")
        }
        guard seconds >= 0, seconds < 18_446_744_073_709 else {
            throw PropertyText.Failure(message: "expected seconds from 0 on, and less than half a million years")
        }
        var changed = property
        changed.name = String(property.name.dropLast(3)) + "USec"
        changed.value = .uint64(UInt64((seconds * 1_000_000).rounded()))
        return changed
    }
}
