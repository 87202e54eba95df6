package import OCISpec

/// A seccomp filter as OCI's `linux.seccomp` says it: without any condition on the host or the container.
package struct SeccompFilter: Equatable, Sendable {
    /// What happens to a call that no rule names.
    package var defaultAction: SeccompAction
    /// The errno of the default action; nil is EPERM. Never beside a default that allows: crun refuses that.
    package var defaultErrnoReturn: UInt32?
    /// The architectures that the filter is for, the native one first. Empty is the runtime's own alone.
    package var architectures: [SeccompArchitecture]
    /// The flags of seccomp(2). Nil leaves them out, which isn't the same as none: a runtime then takes its own default.
    package var flags: [String]?
    /// The rules.
    package var rules: [SeccompRule]

    /// Makes a filter.
    package init(
        defaultAction: SeccompAction, defaultErrnoReturn: UInt32? = nil, architectures: [SeccompArchitecture] = [],
        flags: [String]? = nil, rules: [SeccompRule] = []
    ) {
        self.defaultAction = defaultAction
        self.defaultErrnoReturn = defaultErrnoReturn
        self.architectures = architectures
        self.flags = flags
        self.rules = rules
    }
}

extension SeccompAction {
    /// How much an action lets happen: what refuses, what another program decides, and what permits.
    enum Reach: Int, Comparable {
        case refuses
        case asksSupervisor
        case asksTracer
        case permits

        static func < (first: Reach, second: Reach) -> Bool { first.rawValue < second.rawValue }
    }

    var reach: Reach {
        switch self {
        case .kill, .killProcess, .killThread, .trap, .errno: .refuses
        case .notify: .asksSupervisor
        case .trace: .asksTracer
        case .log, .allow: .permits
        }
    }

    /// The place among the actions from the strictest, 0, on:
    /// KILL_PROCESS > KILL_THREAD > TRAP > ERRNO > NOTIFY > TRACE > LOG > ALLOW.
    var leniency: Int {
        switch self {
        case .killProcess: 0
        case .kill, .killThread: 1
        case .trap: 2
        case .errno: 3
        case .notify: 4
        case .trace: 5
        case .log: 6
        case .allow: 7
        }
    }
}
