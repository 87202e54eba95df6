package import OCISpec

/// A seccomp filter whose words were all looked up.
package struct ValidSeccomp: Sendable, Equatable {
    /// What the config says; every name in it is known.
    package var section: Seccomp
    /// The architectures, the native one first.
    package var architectures: [SeccompArchitecture]
    /// Who answers for `SCMP_ACT_NOTIFY`; nil where no rule asks.
    package var listener: SeccompListener?

    /// A filter as given.
    package init(section: Seccomp, architectures: [SeccompArchitecture], listener: SeccompListener? = nil) {
        self.section = section
        self.architectures = architectures
        self.listener = listener
    }

    /// SECCOMP_FILTER_FLAG_* bits for seccomp(2).
    package var flags: UInt32 {
        var bits: UInt32 = 0
        for flag in section.flags ?? [] { bits |= flag.kernelValue }
        // Without a listener there is nothing that it could be about, and the kernel refuses it (EINVAL).
        guard listener != nil else { return bits & ~SeccompFlag.waitKillableReceive.kernelValue }
        bits |= Self.newListener
        // seccomp(2) gives either a listener or the thread that can't have the filter; with TSYNC_ESRCH that is an errno.
        if bits & SeccompFlag.threadSync.kernelValue != 0 { bits |= Self.threadSyncESRCH }
        return bits
    }

    /// SECCOMP_FILTER_FLAG_NEW_LISTENER (Linux 5.0).
    private static let newListener: UInt32 = 1 << 3
    /// SECCOMP_FILTER_FLAG_TSYNC_ESRCH (Linux 5.7).
    private static let threadSyncESRCH: UInt32 = 1 << 4

    /// What an action and its errno are to the kernel: SECCOMP_RET_* with its data. EPERM unless a number is given, as
    /// the runtime-spec has it.
    package static func kernelAction(_ action: SeccompAction, _ errno: UInt32?) -> UInt32 {
        action.takesErrno ? action.kernelValue | ((errno ?? 1) & 0xffff) : action.kernelValue
    }
}

/// The agent that decides on the calls of rules with `SCMP_ACT_NOTIFY`.
package struct SeccompListener: Sendable, Equatable {
    /// `/linux/seccomp/listenerPath`: the UNIX socket that gets the filter's listener.
    package var path: String
    /// `/linux/seccomp/listenerMetadata`: what it is told beside.
    package var metadata: String?

    /// A listener as given.
    package init(path: String, metadata: String? = nil) {
        self.path = path
        self.metadata = metadata
    }
}
