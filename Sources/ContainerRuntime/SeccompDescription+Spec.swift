import LinuxSys
import OCISpec
import RuntimePlan

extension SeccompProgram {
    /// A config's filter as the kernel takes it; empty for none.
    static func compile(_ seccomp: ValidSeccomp?) throws(RuntimeError) -> [UInt8] {
        guard let seccomp else { return [] }
        do throws(SeccompError) {
            return try compile(SeccompDescription(seccomp))
        } catch {
            throw RuntimeError(.config, "the filter can't be built: \(error)", pointer: Step.compileSeccomp.pointer)
        }
    }
}

extension SeccompDescription {
    /// What a config's filter is to the kernel.
    init(_ seccomp: ValidSeccomp) {
        let section = seccomp.section
        let architectures = seccomp.architectures
        var rules: [Rule] = []
        for rule in section.syscalls ?? [] {
            let action = ValidSeccomp.kernelAction(rule.action, rule.errnoRet)
            let conditions = (rule.args ?? []).map { Condition($0) }
            for name in rule.names {
                // A name that nobody knows has no numbers, and so the rule no effect.
                let numbers = SyscallTable.numbers(of: name, on: architectures)
                let rule = Rule(action: action, name: name, numbers: numbers, conditions: conditions)
                rules += conditions.count > 1 ? rule.asAlternatives : [rule]
            }
        }
        self.init(
            defaultAction: ValidSeccomp.kernelAction(section.defaultAction, section.defaultErrnoRet),
            architectures: architectures.map {
                Architecture(
                    token: $0.token, socketcallNumber: SyscallTable.number(of: "socketcall", on: $0),
                    ipcNumber: SyscallTable.number(of: "ipc", on: $0))
            },
            rules: rules, answersNewerWithENOSYS: section.defaultErrnoRet == nil)
    }
}

extension SeccompDescription.Condition {
    fileprivate init(_ argument: OCISpec.Seccomp.Argument) {
        self.init(
            argumentIndex: Int(argument.index), comparison: .init(argument.op), value: argument.value,
            valueTwo: argument.valueTwo ?? 0)
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
