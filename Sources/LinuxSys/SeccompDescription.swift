/// What a seccomp filter shall do, in the kernel's own terms: numbers, not names of a configuration.
package struct SeccompDescription: Sendable {
    /// What happens to a syscall that no rule matches: `SECCOMP_RET_*` with its data (seccomp(2)).
    package var defaultAction: UInt32
    /// What happens on an architecture that isn't listed, and to x32 calls where x86_64 is listed without x32.
    ///
    /// libseccomp, and so runc and crun, kill the thread. Killing the process is the same for a program that was just
    /// executed, and leaves no half-dead one behind otherwise.
    package var architectureMismatchAction: UInt32 = SeccompAction.killProcess
    /// The architectures, at least one. The first is tried first, so the native one should be.
    package var architectures: [Architecture]
    /// The rules. Where several match one call, the strictest action wins, in the kernel's order: kill the process,
    /// kill the thread, trap, error, notify, trace, log, allow. The default action counts only where none matches.
    package var rules: [Rule]
    /// Whether a syscall with a number above all numbers of the rules gets ENOSYS instead of the default action, where
    /// that one refuses (kill, trap, error).
    ///
    /// A C library takes ENOSYS for an older kernel and falls back; EPERM it reports. A filter that is older than the
    /// library would break programs otherwise.
    package var answersNewerWithENOSYS: Bool

    /// Makes a description.
    package init(
        defaultAction: UInt32, architectures: [Architecture], rules: [Rule] = [], answersNewerWithENOSYS: Bool = false
    ) {
        self.defaultAction = defaultAction
        self.architectures = architectures
        self.rules = rules
        self.answersNewerWithENOSYS = answersNewerWithENOSYS
    }

    /// An architecture.
    package struct Architecture: Equatable, Sendable {
        /// libseccomp's name for it: `seccomp_data.arch`, but for x32, which has a token of its own.
        package var token: UInt32
        /// The number of `socketcall` there, which carries the socket calls on some 32-bit architectures.
        package var socketcallNumber: Int?
        /// The number of `ipc` there, which carries the calls of System V IPC on some architectures.
        package var ipcNumber: Int?

        /// Makes an architecture.
        package init(token: UInt32, socketcallNumber: Int? = nil, ipcNumber: Int? = nil) {
            self.token = token
            self.socketcallNumber = socketcallNumber
            self.ipcNumber = ipcNumber
        }
    }

    /// A rule for one syscall.
    package struct Rule: Equatable, Sendable {
        /// What happens where it matches: `SECCOMP_RET_*` with its data.
        package var action: UInt32
        /// The syscall's name.
        package var name: String
        /// The syscall's number on each architecture, in the order of ``SeccompDescription/architectures`` and as the
        /// kernel counts it (x32 with bit 30); nil where there is none.
        package var numbers: [Int?]
        /// What must all hold of the arguments. None: the rule matches every call.
        package var conditions: [Condition]

        /// Makes a rule.
        package init(action: UInt32, name: String, numbers: [Int?], conditions: [Condition] = []) {
            self.action = action
            self.name = name
            self.numbers = numbers
            self.conditions = conditions
        }

        /// This rule, or one rule for each condition if two of them look at the same argument.
        ///
        /// The runtime specification leaves open what that means. To runc the conditions of such an entry are
        /// alternatives, and profiles are written for it.
        package var asAlternatives: [Rule] {
            let indexes = conditions.map(\.argumentIndex)
            guard indexes.indices.contains(where: { indexes[..<$0].contains(indexes[$0]) }) else { return [self] }
            return conditions.map { Rule(action: action, name: name, numbers: numbers, conditions: [$0]) }
        }
    }

    /// A condition on an argument. All 64 bits take part, unsigned.
    package struct Condition: Equatable, Sendable {
        /// The argument, from 0 to 5.
        package var argumentIndex: Int
        /// How it is compared.
        package var comparison: Comparison
        /// What it is compared with; the mask for ``Comparison/maskedEqual``.
        package var value: UInt64
        /// What the masked argument must be, for ``Comparison/maskedEqual`` only.
        package var valueTwo: UInt64

        /// Makes a condition.
        package init(argumentIndex: Int, comparison: Comparison, value: UInt64, valueTwo: UInt64 = 0) {
            self.argumentIndex = argumentIndex
            self.comparison = comparison
            self.value = value
            self.valueTwo = valueTwo
        }
    }

    /// How an argument is compared, with libseccomp's values (`enum scmp_compare`).
    package enum Comparison: UInt32, CaseIterable, Sendable {
        /// Not equal.
        case notEqual = 1
        /// Less.
        case less = 2
        /// Less or equal.
        case lessOrEqual = 3
        /// Equal.
        case equal = 4
        /// Greater or equal.
        case greaterOrEqual = 5
        /// Greater.
        case greater = 6
        /// Equal in the bits of a mask.
        case maskedEqual = 7
    }
}

extension SeccompDescription {
    /// Refuses what no filter can be made of.
    func check() throws(SeccompError) {
        guard let first = architectures.first else { throw .noArchitecture }
        for (index, architecture) in architectures.enumerated() {
            // Bit 30 of an audit value: the low byte of a word comes first.
            guard (architecture.token ^ first.token) & 0x4000_0000 == 0 else { throw .mixedByteOrders }
            guard !architectures[..<index].contains(where: { $0.token == architecture.token }) else {
                throw .repeatedArchitecture(token: architecture.token)
            }
        }
        for action in [defaultAction, architectureMismatchAction] where SeccompAction.rank(of: action) == nil {
            throw .unknownAction(action)
        }
        for rule in rules { try check(rule) }
    }

    private func check(_ rule: Rule) throws(SeccompError) {
        guard SeccompAction.rank(of: rule.action) != nil else { throw .unknownAction(rule.action) }
        guard rule.numbers.count == architectures.count else { throw .numberCount(syscall: rule.name) }
        for (index, number) in rule.numbers.enumerated() {
            guard let number else { continue }
            // Bit 30 of the number is what makes a call of x32 one.
            let isX32 = architectures[index].token == 0x4000_003E
            let range = isX32 ? 0x4000_0000..<0x8000_0000 : 0..<0x4000_0000
            guard range.contains(number) else { throw .number(syscall: rule.name, number: number) }
        }
        guard !rule.conditions.isEmpty else { return }
        var seen = 0
        for condition in rule.conditions {
            guard (0..<6).contains(condition.argumentIndex) else {
                throw .argumentIndex(syscall: rule.name, index: condition.argumentIndex)
            }
            guard seen & 1 << condition.argumentIndex == 0 else {
                throw .repeatedArgument(syscall: rule.name, index: condition.argumentIndex)
            }
            seen |= 1 << condition.argumentIndex
        }
    }
}

/// What a filter answers, as the kernel has it (linux/seccomp.h).
package enum SeccompAction {
    /// Kill the whole process (Linux 4.14).
    package static let killProcess: UInt32 = 0x8000_0000
    /// Kill the thread.
    package static let killThread: UInt32 = 0x0000_0000
    /// Send SIGSYS; the data is `si_errno`.
    package static let trap: UInt32 = 0x0003_0000
    /// Fail with the errno in the data.
    package static let error: UInt32 = 0x0005_0000
    /// Ask the listener (Linux 5.0).
    package static let notify: UInt32 = 0x7FC0_0000
    /// Tell the tracer; the data is the event's message.
    package static let trace: UInt32 = 0x7FF0_0000
    /// Allow, and log (Linux 4.14).
    package static let log: UInt32 = 0x7FFC_0000
    /// Allow.
    package static let allow: UInt32 = 0x7FFF_0000

    /// The part of an answer that is the action; the rest is its data.
    package static let mask: UInt32 = 0xFFFF_0000

    /// The last rank that refuses.
    static let errorRank = 3

    /// The place of `action` in the kernel's order, strictest first, or nil if it is no action.
    static func rank(of action: UInt32) -> Int? {
        switch action & mask {
        case killProcess: 0
        case killThread: 1
        case trap: 2
        case error: 3
        case notify: 4
        case trace: 5
        case log: 6
        case allow: 7
        default: nil
        }
    }
}
