/// Device rules as the v1 devices controller can hold them: access to every device or to none, and exceptions to that
/// (the kernel's admin-guide/cgroup-v1/devices.rst).
///
/// The controller takes an exception back only by the very numbers that it was made with: to refuse `c 60:2` after `c 60:*`
/// was allowed changes nothing, and no error tells. So the rules are not written as they come: they are put together
/// here, the last that matches deciding, and what is left is written. What no list of exceptions can say is a conflict.
struct LegacyDeviceRules: Equatable {
    /// Whether what no exception is about may be used.
    private(set) var allowsOthers = false
    /// The exceptions: what is allowed among the refused, or refused among the allowed. None is about both kinds of node.
    private(set) var exceptions: [DeviceRule] = []
    /// The first rule that would have to make a hole in a wider one before it, by its place.
    private(set) var conflict: Int?

    /// Puts rules together; before them everything is refused.
    init(_ rules: [DeviceRule]) {
        for (place, rule) in rules.enumerated() {
            guard !rule.isTotal else {
                // Nothing of what was said before counts any more.
                allowsOthers = rule.allow
                exceptions = []
                conflict = nil
                continue
            }
            for kind in rule.kind == .all ? [.block, .character] : [rule.kind] {
                var part = rule
                part.kind = kind
                if !add(part), conflict == nil { conflict = place }
            }
        }
    }

    /// The lines for `devices.allow` and `devices.deny`, in order, after `a` in the one that ``allowsOthers`` says.
    var lines: [String] { exceptions.map(\.line) }

    /// Adds a rule about one kind of node.
    /// - Returns: false where that would take a hole in an exception.
    private mutating func add(_ rule: DeviceRule) -> Bool {
        guard rule.allow == allowsOthers else {
            exceptions.append(rule)
            return true
        }
        var hasHole = false
        exceptions = exceptions.compactMap { exception in
            guard exception.overlaps(rule) else { return exception }
            guard rule.covers(exception) else {
                hasHole = true
                return exception
            }
            return exception.without(rule)
        }
        return !hasHole
    }
}

extension DeviceRule {
    /// Whether both are about some access to some node; of one kind, both of them.
    fileprivate func overlaps(_ other: DeviceRule) -> Bool {
        let meets: (UInt32?, UInt32?) -> Bool = { $0 == nil || $1 == nil || $0 == $1 }
        return kind == other.kind && meets(major, other.major) && meets(minor, other.minor)
            && ((read && other.read) || (write && other.write) || (make && other.make))
    }

    /// Whether it is about every node that the other is about.
    fileprivate func covers(_ other: DeviceRule) -> Bool {
        (major == nil || major == other.major) && (minor == nil || minor == other.minor)
    }

    /// The rule without the access that another is about; nil where nothing is left.
    fileprivate func without(_ other: DeviceRule) -> DeviceRule? {
        var rest = self
        rest.read = read && !other.read
        rest.write = write && !other.write
        rest.make = make && !other.make
        return rest.read || rest.write || rest.make ? rest : nil
    }
}
