import LosslessJSON

/// One rule of the device control group, resolved: cgroup v1 takes it as a line of `devices.allow` or
/// `devices.deny`, v2 as a few instructions of an eBPF program (config-linux.md, "Allowed Device List").
package struct DeviceRule: Sendable, Equatable {
    /// What kind of node a rule is about.
    package enum Kind: UInt8, Sendable {
        /// Both kinds, `a`.
        case all = 0x61
        /// Block devices, `b`.
        case block = 0x62
        /// Character devices, `c`.
        case character = 0x63
    }

    /// Whether access is given or refused.
    package var allow: Bool
    /// The kind of node.
    package var kind: Kind
    /// The major number; nil is every one.
    package var major: UInt32?
    /// The minor number; nil is every one.
    package var minor: UInt32?
    /// Read (`r`).
    package var read: Bool
    /// Write (`w`).
    package var write: Bool
    /// Make a node (`m`).
    package var make: Bool

    /// A rule as given; the access is read from the letters `r`, `w` and `m`.
    package init(allow: Bool, kind: Kind, major: UInt32?, minor: UInt32?, access: String) {
        self.allow = allow
        self.kind = kind
        self.major = major
        self.minor = minor
        read = access.utf8.contains(UInt8(ascii: "r"))
        write = access.utf8.contains(UInt8(ascii: "w"))
        make = access.utf8.contains(UInt8(ascii: "m"))
    }

    /// The access as letters, `rwm`.
    package var access: String { (read ? "r" : "") + (write ? "w" : "") + (make ? "m" : "") }

    /// The line that the v1 files take: `c 1:3 rwm`.
    package var line: String {
        var line = String(UnicodeScalar(kind.rawValue)) + " "
        line += major.map { String(decimal: UInt64($0)) } ?? "*"
        line += ":"
        line += minor.map { String(decimal: UInt64($0)) } ?? "*"
        return line + " " + access
    }

    /// Whether the rule is about every device and every access.
    package var isTotal: Bool { kind == .all && major == nil && minor == nil && read && write && make }

    /// What every container may use whatever its config says, after the config's own rules: making any node, and
    /// the default devices (config-linux.md, "Default Devices"), terminals and `/dev/console` among them.
    package static let always: [DeviceRule] = [
        DeviceRule(allow: true, kind: .character, major: nil, minor: nil, access: "m"),
        DeviceRule(allow: true, kind: .block, major: nil, minor: nil, access: "m"),
        DeviceRule(allow: true, kind: .character, major: 1, minor: 3, access: "rwm"),
        DeviceRule(allow: true, kind: .character, major: 1, minor: 5, access: "rwm"),
        DeviceRule(allow: true, kind: .character, major: 1, minor: 7, access: "rwm"),
        DeviceRule(allow: true, kind: .character, major: 1, minor: 8, access: "rwm"),
        DeviceRule(allow: true, kind: .character, major: 1, minor: 9, access: "rwm"),
        DeviceRule(allow: true, kind: .character, major: 5, minor: 0, access: "rwm"),
        DeviceRule(allow: true, kind: .character, major: 5, minor: 2, access: "rwm"),
        DeviceRule(allow: true, kind: .character, major: 136, minor: nil, access: "rwm"),
    ]
}
