import CLinux

/// CLONE_*: clone(2), unshare(2), setns(2).
package struct CloneFlags: OptionSet, Sendable {
    /// The CLONE_* bits.
    package let rawValue: UInt64

    /// The flags of the bits `rawValue`.
    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Written out, as are the next: the standard library's go through its generic witnesses.
    package static func == (left: CloneFlags, right: CloneFlags) -> Bool { left.rawValue == right.rawValue }

    /// Whether they are not the same flags.
    package static func != (left: CloneFlags, right: CloneFlags) -> Bool { left.rawValue != right.rawValue }

    /// Whether there is no flag.
    package var isEmpty: Bool { rawValue == 0 }

    /// Whether all of `flags` are among these.
    package func contains(_ flags: CloneFlags) -> Bool { rawValue & flags.rawValue == flags.rawValue }

    /// The flags of either.
    package func union(_ flags: CloneFlags) -> CloneFlags { CloneFlags(rawValue: rawValue | flags.rawValue) }

    /// Adds flags.
    package mutating func formUnion(_ flags: CloneFlags) { self = union(flags) }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: CloneFlags...) {
        var bits: UInt64 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// CLONE_NEWTIME (Linux 5.6): clone3 and unshare; not the old clone.
    package static let newTime = CloneFlags(rawValue: CLINUX_CLONE_NEWTIME)
    /// CLONE_NEWNS.
    package static let newMount = CloneFlags(rawValue: CLINUX_CLONE_NEWNS)
    /// CLONE_NEWCGROUP.
    package static let newCgroup = CloneFlags(rawValue: CLINUX_CLONE_NEWCGROUP)
    /// CLONE_NEWUTS.
    package static let newUTS = CloneFlags(rawValue: CLINUX_CLONE_NEWUTS)
    /// CLONE_NEWIPC.
    package static let newIPC = CloneFlags(rawValue: CLINUX_CLONE_NEWIPC)
    /// CLONE_NEWUSER.
    package static let newUser = CloneFlags(rawValue: CLINUX_CLONE_NEWUSER)
    /// CLONE_NEWPID.
    package static let newPID = CloneFlags(rawValue: CLINUX_CLONE_NEWPID)
    /// CLONE_NEWNET.
    package static let newNetwork = CloneFlags(rawValue: CLINUX_CLONE_NEWNET)
    /// CLONE_FILES: the two share one table of descriptors, what either opens or closes is so for both, until one
    /// executes a program.
    package static let files = CloneFlags(rawValue: CLINUX_CLONE_FILES)
    /// CLONE_PARENT: the new process is the caller's sibling. No exit signal may be given then.
    package static let parent = CloneFlags(rawValue: CLINUX_CLONE_PARENT)
    /// CLONE_CLEAR_SIGHAND (Linux 5.5): clone3 only.
    package static let clearSignalHandlers = CloneFlags(rawValue: CLINUX_CLONE_CLEAR_SIGHAND)
}

/// On which side of a clone the caller finds itself.
package enum CloneResult: ~Copyable {
    /// In the new process.
    case child
    /// In the old one, with the new one.
    case parent(ChildProcess)
}
