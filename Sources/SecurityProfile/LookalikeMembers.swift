import LosslessJSON

/// Members of a configuration that a runtime written in Go takes for one that a profile owns or depends on.
///
/// Go's decoder doesn't tell upper from lower case in names, and where two are alike the later one counts. So beside a
/// `/process` that a profile was applied to, a `/Process` would give back what the profile took away.
enum LookalikeMembers {
    /// Refuses a configuration that has any.
    static func refuse(in config: JSON) throws(BundleError) {
        try refuse(in: config, "", alike: ["process", "linux", "annotations"])
        let owned = ["user", "capabilities", "noNewPrivileges", "apparmorProfile", "selinuxLabel"]
        if let process = config["process"] {
            try refuse(in: process, "/process", alike: owned)
            if let user = process["user"] { try refuse(in: user, "/process/user", alike: ["uid"]) }
        }
        if let linux = config["linux"] { try refuse(in: linux, "/linux", alike: ["seccomp"]) }
    }

    private static func refuse(in object: JSON, _ pointer: String, alike names: [String]) throws(BundleError) {
        guard object.kind == .object else { return }
        for member in object.members where !names.contains(member.name) {
            let name = folded(member.name)
            guard let twin = names.first(where: { folded($0) == name }) else { continue }
            throw .lookalike(pointer: "\(member.value.pointer)", member.value.location, of: "\(pointer)/\(twin)")
        }
    }

    /// The name as Go compares it: small letters, and two letters beyond ASCII whose capitals are in it.
    private static func folded(_ name: String) -> [UInt32] {
        name.unicodeScalars.map { scalar in
            switch scalar {
            case "A"..."Z": scalar.value + 0x20
            case "\u{17F}": 0x73  // LATIN SMALL LETTER LONG S
            case "\u{212A}": 0x6B  // KELVIN SIGN
            default: scalar.value
            }
        }
    }
}
