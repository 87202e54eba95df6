import CLinux
import Glibc

/// Three ids: real, effective, saved.
package struct IDs: Equatable, Sendable {
    /// Whose process it is.
    package let real: UInt32
    /// Whose rights it uses.
    package let effective: UInt32
    /// What it may go back to.
    package let saved: UInt32

    /// The same id three times.
    package init(all id: UInt32) {
        self.init(real: id, effective: id, saved: id)
    }

    /// Three ids.
    package init(real: UInt32, effective: UInt32, saved: UInt32) {
        self.real = real
        self.effective = effective
        self.saved = saved
    }
}

/// The sets of capset(2); bit N is capability N.
package struct CapabilitySets: Equatable, Sendable {
    /// What is used.
    package var effective: UInt64
    /// What may be used.
    package var permitted: UInt64
    /// What may pass an exec, together with the file's.
    package var inheritable: UInt64

    /// The three sets.
    package init(effective: UInt64, permitted: UInt64, inheritable: UInt64) {
        self.effective = effective
        self.permitted = permitted
        self.inheritable = inheritable
    }
}

/// SECBIT_*: capabilities(7).
package struct SecureBits: OptionSet, Sendable {
    /// The bits.
    package let rawValue: UInt32

    /// The set of the bits `rawValue`.
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: SecureBits...) {
        var bits: UInt32 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// SECBIT_NOROOT.
    package static let noRoot = SecureBits(rawValue: 0x1)
    /// SECBIT_NOROOT_LOCKED.
    package static let noRootLocked = SecureBits(rawValue: 0x2)
    /// SECBIT_NO_SETUID_FIXUP.
    package static let noSetUserIDFixup = SecureBits(rawValue: 0x4)
    /// SECBIT_NO_SETUID_FIXUP_LOCKED.
    package static let noSetUserIDFixupLocked = SecureBits(rawValue: 0x8)
    /// SECBIT_KEEP_CAPS.
    package static let keepCapabilities = SecureBits(rawValue: 0x10)
    /// SECBIT_KEEP_CAPS_LOCKED.
    package static let keepCapabilitiesLocked = SecureBits(rawValue: 0x20)
    /// SECBIT_NO_CAP_AMBIENT_RAISE.
    package static let noAmbientRaise = SecureBits(rawValue: 0x40)
    /// SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED.
    package static let noAmbientRaiseLocked = SecureBits(rawValue: 0x80)
}

/// Ids and capabilities of the calling thread, which is to be the only one: credentials(7), capabilities(7).
///
/// Each function that changes something is one system call and allocates nothing unless it fails.
package enum Credentials {
    /// setresuid(2). UInt32.max leaves an id as it is.
    package static func setUserIDs(_ ids: IDs) throws(SyscallError) {
        try check(clinux_setresuid(ids.real, ids.effective, ids.saved), "setresuid", "\(ids.effective)")
    }

    /// setresgid(2). UInt32.max leaves an id as it is.
    package static func setGroupIDs(_ ids: IDs) throws(SyscallError) {
        try check(clinux_setresgid(ids.real, ids.effective, ids.saved), "setresgid", "\(ids.effective)")
    }

    /// setgroups(2): these and no others. An empty list clears them. EPERM where /proc/self/setgroups says deny.
    package static func setGroups(_ groups: [UInt32]) throws(SyscallError) {
        let result = unsafe groups.withUnsafeBufferPointer { list in
            // SAFETY: the whole list.
            unsafe clinux_setgroups(list.baseAddress, list.count)
        }
        try check(result, "setgroups")
    }

    /// getresuid(2).
    package static func userIDs() -> IDs {
        var ids: (UInt32, UInt32, UInt32) = (0, 0, 0)
        // SAFETY: three ids are written; the call cannot fail.
        _ = unsafe clinux_getresuid(&ids.0, &ids.1, &ids.2)
        return IDs(real: ids.0, effective: ids.1, saved: ids.2)
    }

    /// getresgid(2).
    package static func groupIDs() -> IDs {
        var ids: (UInt32, UInt32, UInt32) = (0, 0, 0)
        // SAFETY: three ids are written; the call cannot fail.
        _ = unsafe clinux_getresgid(&ids.0, &ids.1, &ids.2)
        return IDs(real: ids.0, effective: ids.1, saved: ids.2)
    }

    /// getgroups(2).
    package static func groups() throws(SyscallError) -> [UInt32] {
        // SAFETY: with no capacity, nothing is written.
        let capacity = Int(try check(clinux_getgroups(nil, 0), "getgroups"))
        var result: CInt = 0
        let groups = unsafe [UInt32](unsafeUninitializedCapacity: capacity) { buffer, count in
            // SAFETY: a call that fills in the result's number of ids.
            result = unsafe clinux_getgroups(buffer.baseAddress, capacity)
            count = Int(max(result, 0))
        }
        try check(result, "getgroups")
        return groups
    }

    /// capset(2) of the calling thread.
    package static func setCapabilities(_ sets: CapabilitySets) throws(SyscallError) {
        try check(clinux_capset(sets.effective, sets.permitted, sets.inheritable), "capset")
    }

    /// capget(2). pid 0 is the caller.
    package static func capabilities(of pid: Int32 = 0) throws(SyscallError) -> CapabilitySets {
        var sets = CapabilitySets(effective: 0, permitted: 0, inheritable: 0)
        // SAFETY: three sets are written.
        let result = unsafe clinux_capget(pid, &sets.effective, &sets.permitted, &sets.inheritable)
        try check(result, "capget", "pid \(pid)")
        return sets
    }

    /// PR_CAPBSET_READ. EINVAL for a capability that this kernel does not know.
    package static func isInBoundingSet(_ capability: Int32) throws(SyscallError) -> Bool {
        let result = clinux_prctl(PR_CAPBSET_READ, UInt(bitPattern: Int(capability)), 0, 0, 0)
        return try check(result, "prctl(PR_CAPBSET_READ)", "capability \(capability)") == 1
    }

    /// PR_CAPBSET_DROP, for good. Needs CAP_SETPCAP.
    package static func dropFromBoundingSet(_ capability: Int32) throws(SyscallError) {
        let result = clinux_prctl(PR_CAPBSET_DROP, UInt(bitPattern: Int(capability)), 0, 0, 0)
        try check(result, "prctl(PR_CAPBSET_DROP)", "capability \(capability)")
    }

    /// The bounding set, of the capabilities that this kernel knows.
    package static func boundingSet() throws(SyscallError) -> UInt64 {
        var set: UInt64 = 0
        for capability in 0...lastCapability() where try isInBoundingSet(capability) {
            set |= 1 << UInt64(capability)
        }
        return set
    }

    /// The highest capability that this kernel knows: 40 since Linux 5.9.
    package static func lastCapability() -> Int32 {
        func isKnown(_ capability: Int32) -> Bool {
            clinux_prctl(PR_CAPBSET_READ, UInt(bitPattern: Int(capability)), 0, 0, 0) >= 0
        }
        var last: Int32 = 40
        while last < 63 && isKnown(last + 1) { last += 1 }
        while last > 0 && isKnown(last) == false { last -= 1 }
        return last
    }

    /// PR_CAP_AMBIENT_CLEAR_ALL.
    package static func clearAmbient() throws(SyscallError) {
        try check(clinux_prctl(PR_CAP_AMBIENT, 4, 0, 0, 0), "prctl(PR_CAP_AMBIENT_CLEAR_ALL)")
    }

    /// PR_CAP_AMBIENT_RAISE. EPERM unless it is both permitted and inheritable.
    package static func raiseAmbient(_ capability: Int32) throws(SyscallError) {
        let result = clinux_prctl(PR_CAP_AMBIENT, 2, UInt(bitPattern: Int(capability)), 0, 0)
        try check(result, "prctl(PR_CAP_AMBIENT_RAISE)", "capability \(capability)")
    }

    /// PR_CAP_AMBIENT_IS_SET.
    package static func isAmbient(_ capability: Int32) throws(SyscallError) -> Bool {
        let result = clinux_prctl(PR_CAP_AMBIENT, 1, UInt(bitPattern: Int(capability)), 0, 0)
        return try check(result, "prctl(PR_CAP_AMBIENT_IS_SET)", "capability \(capability)") == 1
    }

    /// PR_SET_KEEPCAPS: whether the permitted set survives giving up user id 0. Cleared by exec.
    package static func setKeepCapabilities(_ keep: Bool) throws(SyscallError) {
        try check(clinux_prctl(PR_SET_KEEPCAPS, keep ? 1 : 0, 0, 0, 0), "prctl(PR_SET_KEEPCAPS)")
    }

    /// PR_GET_SECUREBITS.
    package static func secureBits() throws(SyscallError) -> SecureBits {
        let bits = try check(clinux_prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), "prctl(PR_GET_SECUREBITS)")
        return SecureBits(rawValue: UInt32(bitPattern: bits))
    }

    /// PR_SET_SECUREBITS. Needs CAP_SETPCAP.
    package static func setSecureBits(_ bits: SecureBits) throws(SyscallError) {
        try check(clinux_prctl(PR_SET_SECUREBITS, UInt(bits.rawValue), 0, 0, 0), "prctl(PR_SET_SECUREBITS)")
    }
}
