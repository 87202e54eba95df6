import CLinux

/// KEY_USR_*, KEY_POS_* ...: who may do what with a key, keyctl_setperm(3).
package struct KeyPermissions: OptionSet, Sendable {
    /// The bits.
    package let rawValue: UInt32

    /// The permissions of the bits `rawValue`.
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Written out, as are the next: the standard library's go through its generic witnesses.
    package static func == (left: KeyPermissions, right: KeyPermissions) -> Bool { left.rawValue == right.rawValue }

    /// Whether they are not the same flags.
    package static func != (left: KeyPermissions, right: KeyPermissions) -> Bool { left.rawValue != right.rawValue }

    /// Whether there is no flag.
    package var isEmpty: Bool { rawValue == 0 }

    /// Whether all of `flags` are among these.
    package func contains(_ flags: KeyPermissions) -> Bool { rawValue & flags.rawValue == flags.rawValue }

    /// The flags of either.
    package func union(_ flags: KeyPermissions) -> KeyPermissions {
        KeyPermissions(rawValue: rawValue | flags.rawValue)
    }

    /// Adds flags.
    package mutating func formUnion(_ flags: KeyPermissions) { self = union(flags) }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: KeyPermissions...) {
        var bits: UInt32 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// KEY_USR_SEARCH: the owner may find it.
    package static let userSearch = KeyPermissions(rawValue: 0x0008_0000)
}

/// The kernel's key store: keyrings(7). ENOSYS where the kernel was built without it.
package enum Keyring {
    /// KEYCTL_JOIN_SESSION_KEYRING: the session keyring called `name`, made if there is none; nil makes one without a
    /// name. The serial number.
    package static func joinSession(_ name: String?) throws(SyscallError) -> Int32 {
        // SAFETY: the C string lives as long as the call.
        let result = unsafe name.withCText { unsafe clinux_join_session_keyring($0) }
        return try check(result, "keyctl(JOIN_SESSION_KEYRING)", name ?? "")
    }

    /// KEYCTL_DESCRIBE: the permissions of a key. EINVAL when the kernel's text cannot be read.
    package static func permissions(of key: Int32) throws(SyscallError) -> KeyPermissions {
        var result = 0
        let text = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            // SAFETY: a call that fills in the result's number of bytes if they fit.
            result = unsafe clinux_describe_key(key, buffer.baseAddress, 4096)
            count = result > 4096 ? 0 : max(result, 0)
        }
        try check(result, "keyctl(DESCRIBE)", "key \(key)")
        guard let permissions = permissions(described: text) else {
            throw SyscallError(operation: "keyctl(DESCRIBE)", errno: .EINVAL, subject: "key \(key)")
        }
        return permissions
    }

    /// The fourth field of `type;uid;gid;permissions;description`, in hexadecimal.
    static func permissions(described text: [UInt8]) -> KeyPermissions? {
        var semicolons = 0
        var bits: UInt32 = 0
        var digits = 0
        for byte in text {
            if byte == UInt8(ascii: ";") {
                semicolons += 1
                if semicolons == 4 { return digits > 0 ? KeyPermissions(rawValue: bits) : nil }
                continue
            }
            guard semicolons == 3 else { continue }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            digits += 1
            guard digits <= 8 else { return nil }
            bits = bits << 4 | UInt32(digit)
        }
        return nil
    }

    /// KEYCTL_SETPERM.
    package static func setPermissions(of key: Int32, to permissions: KeyPermissions) throws(SyscallError) {
        try check(clinux_set_key_permissions(key, permissions.rawValue), "keyctl(SETPERM)", "key \(key)")
    }
}
