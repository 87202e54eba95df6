package import LosslessJSON

/// `/linux/seccomp`: the system call filter (config-linux.md, "Seccomp"; seccomp(2)).
package struct Seccomp: Equatable, Sendable {
    /// `/linux/seccomp/defaultAction`, REQUIRED: what happens to a call that no rule matches.
    package var defaultAction: SeccompAction
    /// `/linux/seccomp/defaultErrnoRet`: the errno, or the tracer's number, of the default action. Absent: EPERM.
    package var defaultErrnoRet: UInt32?
    /// `/linux/seccomp/architectures`: the architectures that the filter is for, such as `SCMP_ARCH_X86_64`, beside
    /// the native one.
    package var architectures: [SeccompArchitecture]?
    /// `/linux/seccomp/flags`. Absent isn't empty: which flags are taken then is the runtime's choice.
    package var flags: [SeccompFlag]?
    /// `/linux/seccomp/listenerPath`: the socket that gets the notification descriptor.
    package var listenerPath: String?
    /// `/linux/seccomp/listenerMetadata`: what the socket is told beside it.
    package var listenerMetadata: String?
    /// `/linux/seccomp/syscalls`: the rules.
    package var syscalls: [SyscallRule]?

    /// Makes a filter.
    package init(
        defaultAction: SeccompAction, defaultErrnoRet: UInt32? = nil, architectures: [SeccompArchitecture]? = nil,
        flags: [SeccompFlag]? = nil, listenerPath: String? = nil, listenerMetadata: String? = nil,
        syscalls: [SyscallRule]? = nil
    ) {
        self.defaultAction = defaultAction
        self.defaultErrnoRet = defaultErrnoRet
        self.architectures = architectures
        self.flags = flags
        self.listenerPath = listenerPath
        self.listenerMetadata = listenerMetadata
        self.syscalls = syscalls
    }

    /// Reads a document that is a bare `seccomp` object. Pointers in problems start at that object:
    /// `/defaultAction`.
    package init(_ json: JSON) throws(SpecProblems) {
        self = try SpecDecoder.decode(Seccomp.self, from: json)
    }

    /// An element of `/linux/seccomp/syscalls`: what happens to some calls.
    package struct SyscallRule: Equatable, Sendable {
        /// `names`, REQUIRED and not empty: the system calls.
        package var names: [String]
        /// `action`, REQUIRED: what happens to them.
        package var action: SeccompAction
        /// `errnoRet`: the errno, or the tracer's number, of the action. Absent: EPERM.
        package var errnoRet: UInt32?
        /// `args`: what the arguments must be for the rule to match.
        package var args: [Argument]?

        /// Makes a rule.
        package init(names: [String], action: SeccompAction, errnoRet: UInt32? = nil, args: [Argument]? = nil) {
            self.names = names
            self.action = action
            self.errnoRet = errnoRet
            self.args = args
        }
    }

    /// An element of `/linux/seccomp/syscalls/N/args`: a condition on an argument.
    package struct Argument: Hashable, Sendable {
        /// `index`, REQUIRED: which argument, from 0 to 5.
        package var index: UInt32
        /// `value`, REQUIRED: what it is compared with; the mask of `SCMP_CMP_MASKED_EQ`.
        package var value: UInt64
        /// `valueTwo`: what the masked argument of `SCMP_CMP_MASKED_EQ` is compared with. Absent: 0.
        package var valueTwo: UInt64?
        /// `op`, REQUIRED: how it is compared.
        package var op: SeccompOperator

        /// Makes a condition.
        package init(index: UInt32, value: UInt64, valueTwo: UInt64? = nil, op: SeccompOperator) {
            self.index = index
            self.value = value
            self.valueTwo = valueTwo
            self.op = op
        }
    }
}

extension Seccomp: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        defaultAction = decoder.requiredChoice("defaultAction", in: object, standIn: .killProcess)
        defaultErrnoRet = decoder.integer("defaultErrnoRet", in: object)
        architectures = decoder.choices("architectures", in: object)
        flags = decoder.choices("flags", in: object)
        listenerPath = decoder.string("listenerPath", in: object)
        listenerMetadata = decoder.string("listenerMetadata", in: object)
        syscalls = decoder.sections("syscalls", in: object)
    }
}

extension Seccomp.SyscallRule: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        names = decoder.requiredStrings("names", in: object)
        action = decoder.requiredChoice("action", in: object, standIn: .killProcess)
        errnoRet = decoder.integer("errnoRet", in: object)
        args = decoder.sections("args", in: object)
    }
}

extension Seccomp.Argument: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        index = decoder.requiredInteger("index", in: object)
        value = decoder.requiredInteger("value", in: object)
        valueTwo = decoder.integer("valueTwo", in: object)
        op = decoder.requiredChoice("op", in: object, standIn: .equal)
    }
}
