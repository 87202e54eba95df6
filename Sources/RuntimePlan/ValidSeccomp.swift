package import OCISpec

/// A seccomp filter whose words were all looked up.
package struct ValidSeccomp: Sendable, Equatable {
    /// What the config says; every name in it is known.
    package var section: Seccomp
    /// The architectures, the native one first.
    package var architectures: [SeccompArchitecture]
    /// SECCOMP_FILTER_FLAG_* bits for seccomp(2).
    package var flags: UInt32

    /// A filter as given.
    package init(section: Seccomp, architectures: [SeccompArchitecture], flags: UInt32) {
        self.section = section
        self.architectures = architectures
        self.flags = flags
    }

    /// What an action and its errno are to the kernel: SECCOMP_RET_* with its data. EPERM unless a number is given, as
    /// the runtime-spec has it.
    package static func kernelAction(_ action: SeccompAction, _ errno: UInt32?) -> UInt32 {
        action.takesErrno ? action.kernelValue | ((errno ?? 1) & 0xffff) : action.kernelValue
    }
}
