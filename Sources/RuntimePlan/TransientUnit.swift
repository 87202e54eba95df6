/// The instance of systemd that makes the control groups.
package enum SystemdInstance: String, Sendable {
    /// The one that the machine was started by.
    case system
    /// A user's own (`systemd --user`).
    case user

    /// Written out: what the standard library has for types with a raw value goes through its generic witnesses.
    package static func == (left: SystemdInstance, right: SystemdInstance) -> Bool {
        switch (left, right) {
        case (.system, .system), (.user, .user): true
        default: false
        }
    }

    /// The slice for what names none.
    package var defaultSlice: String {
        switch self {
        case .system: "system.slice"
        case .user: "user.slice"
        }
    }
}

/// A scope of systemd's, which makes the container's control groups and puts its process there (systemd.scope(5)).
package struct TransientUnit: Sendable, Equatable {
    /// The unit's name, `libpod-0a1b.scope`.
    package var name: String
    /// The slice that it is in, `machine.slice`.
    package var slice: String
    /// Whose unit it is.
    package var instance: SystemdInstance
    /// What systemd's list of units says about it.
    package var description: String
    /// What the config asks for, in the order in which it is set.
    package var properties: [UnitProperty]
    /// Whether the machine has hierarchies of v1, whose controllers have other names for what they count.
    package var isLegacy: Bool

    /// A unit as given.
    package init(
        name: String, slice: String, instance: SystemdInstance, description: String, properties: [UnitProperty],
        isLegacy: Bool
    ) {
        self.name = name
        self.slice = slice
        self.instance = instance
        self.description = description
        self.properties = properties
        self.isLegacy = isLegacy
    }

    /// What every container's unit has, whatever its config says.
    ///
    /// It is delegated, so that systemd leaves alone what the runtime and the container make and write in it, the eBPF
    /// program that filters devices among that. It is no service of the machine's that would have to be stopped in an
    /// order of its own. What it uses is counted, as that of every group of the runtime's own making is.
    package var ownProperties: [UnitProperty] {
        [
            UnitProperty("Description", .string(description)),
            UnitProperty("Slice", .string(slice)),
            UnitProperty("Delegate", .boolean(true)),
            UnitProperty("MemoryAccounting", .boolean(true)),
            UnitProperty("CPUAccounting", .boolean(true)),
            UnitProperty(isLegacy ? "BlockIOAccounting" : "IOAccounting", .boolean(true)),
            UnitProperty("TasksAccounting", .boolean(true)),
            UnitProperty("DefaultDependencies", .boolean(false)),
        ]
    }
}

/// Where `/linux/cgroupsPath` puts a scope.
package struct ScopePlace: Sendable, Equatable {
    /// The slice; nil for the instance's default.
    package var slice: String?
    /// What the scope's name begins with.
    package var prefix: String
    /// The rest of the name; nil for the container's id.
    package var name: String?
    /// Whose scope it is.
    package var instance: SystemdInstance
    /// What the config asks for.
    package var properties: [UnitProperty] = []

    /// The unit of a container.
    package func unit(id: String, isLegacy: Bool) -> TransientUnit {
        TransientUnit(
            name: "\(prefix)-\(name ?? Self.escaped(id)).scope", slice: slice ?? instance.defaultSlice,
            instance: instance, description: "raind-oci container \(id)", properties: properties, isLegacy: isLegacy)
    }

    /// An id with `\x2b` for what no unit's name may have (systemd-escape(1)).
    private static func escaped(_ id: String) -> String {
        var text = ""
        for byte in id.utf8 {
            if isAllowed(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return text
    }

    /// Whether a unit's name may have it (systemd.unit(5), "Unit names").
    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: ":-_.\\@".utf8.contains(byte)
        }
    }

    /// Whether it is the name of a slice: `-` stands between a slice's name and that of the one above it.
    static func isSlice(_ name: String) -> Bool {
        guard name.utf8.count <= 255, name.hasSuffix(".slice"), name.utf8.allSatisfy(isAllowed) else { return false }
        let stem = name.dropLast(6)
        guard !stem.utf8.contains(UInt8(ascii: "@")) else { return false }
        return stem == "-"
            || !stem.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).contains { $0.isEmpty }
    }
}
