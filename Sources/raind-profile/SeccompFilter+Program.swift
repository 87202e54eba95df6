import LinuxSys
import OCISpec
import SecurityProfile

extension SeccompFilter {
    /// The filter as raind-oci loads it on a host of this architecture, which is the first one whether the filter's list
    /// has it or not: a filter without it would kill the program.
    func machine(on host: SeccompArchitecture) throws(CommandFailure) -> SeccompMachine {
        let description = SeccompDescription(self, on: host)
        do {
            return try SeccompMachine(try SeccompProgram.compile(description))
        } catch {
            throw .failed("the seccomp filter can't be built: \(error)")
        }
    }
}

extension SeccompDescription {
    /// What a filter is to the kernel of a host.
    init(_ filter: SeccompFilter, on host: SeccompArchitecture) {
        var architectures = [host]
        for architecture in filter.architectures where !architectures.contains(architecture) {
            architectures.append(architecture)
        }
        var rules: [Rule] = []
        for rule in filter.rules {
            let action = Self.answer(rule.action, rule.errnoReturn)
            let conditions = rule.conditions.map {
                Condition(
                    argumentIndex: $0.index, comparison: .init($0.comparison), value: $0.value, valueTwo: $0.valueTwo)
            }
            for name in rule.names {
                rules +=
                    Rule(
                        action: action, name: name, numbers: SyscallTable.numbers(of: name, on: architectures),
                        conditions: conditions
                    ).asAlternatives
            }
        }
        self.init(
            defaultAction: Self.answer(filter.defaultAction, filter.defaultErrnoReturn),
            architectures: architectures.map {
                Architecture(
                    token: $0.token, socketcallNumber: SyscallTable.number(of: "socketcall", on: $0),
                    ipcNumber: SyscallTable.number(of: "ipc", on: $0))
            },
            rules: rules, answersNewerWithENOSYS: filter.defaultErrnoReturn == nil)
    }

    /// SECCOMP_RET_* with its data: EPERM unless a number is given (runtime-spec, config-linux.md, "Seccomp").
    private static func answer(_ action: OCISpec.SeccompAction, _ errno: UInt32?) -> UInt32 {
        action.takesErrno ? action.kernelValue | ((errno ?? 1) & 0xFFFF) : action.kernelValue
    }
}

extension SeccompDescription.Comparison {
    fileprivate init(_ name: SeccompOperator) {
        self =
            switch name {
            case .notEqual: .notEqual
            case .less: .less
            case .lessOrEqual: .lessOrEqual
            case .equal: .equal
            case .greaterOrEqual: .greaterOrEqual
            case .greater: .greater
            case .maskedEqual: .maskedEqual
            }
    }
}
