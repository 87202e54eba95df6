/// The flags of seccomp(2) with SECCOMP_SET_MODE_FILTER (linux/seccomp.h).
package struct SeccompFlags: OptionSet, Sendable {
    /// The bits, as the kernel takes them.
    package let rawValue: UInt32

    /// Makes flags of the kernel's bits.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: SeccompFlags...) {
        var bits: UInt32 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// The filter is for all threads (Linux 3.17).
    package static let synchronizeThreads = SeccompFlags(rawValue: 1 << 0)
    /// Actions but for allow are logged, if the system's settings let them be (Linux 4.14).
    package static let log = SeccompFlags(rawValue: 1 << 1)
    /// Speculative store bypass stays on (Linux 4.17).
    package static let allowSpeculation = SeccompFlags(rawValue: 1 << 2)
    /// A descriptor for the answers to ``SeccompAction/notify`` is returned (Linux 5.0).
    package static let newListener = SeccompFlags(rawValue: 1 << 3)
    /// A thread that can't have the filter is told as ESRCH, so that a listener can be had for all threads (Linux 5.7).
    package static let synchronizeThreadsOrESRCH = SeccompFlags(rawValue: 1 << 4)
    /// Only fatal signals interrupt a call that a listener has received (Linux 5.19).
    package static let waitKillableReceive = SeccompFlags(rawValue: 1 << 5)

    /// The flag of this name (runtime-spec, `/linux/seccomp/flags`), or nil if the specification has none.
    package init?(name: String) {
        switch name {
        case "SECCOMP_FILTER_FLAG_TSYNC": self = .synchronizeThreads
        case "SECCOMP_FILTER_FLAG_LOG": self = .log
        case "SECCOMP_FILTER_FLAG_SPEC_ALLOW": self = .allowSpeculation
        case "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV": self = .waitKillableReceive
        default: return nil
        }
    }

    /// The names that ``init(name:)`` knows.
    package static let names = [
        "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
    ]
}
