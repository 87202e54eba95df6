package import LosslessJSON
import OCISpec

extension SeccompFilter {
    /// The filter as it stands in config.json (`/linux/seccomp`).
    package var json: JSONValue { json(isCanonical: false) }

    /// The filter for a digest: the same, with the numbers of conditions as strings, because a canonical number is a
    /// double and would let two that differ past 2^53 look alike.
    var canonicalJSON: JSONValue { json(isCanonical: true) }

    private func json(isCanonical: Bool) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [("defaultAction", .string(defaultAction.rawValue))]
        if let defaultErrnoReturn { members.append(("defaultErrnoRet", .integer(defaultErrnoReturn))) }
        if !architectures.isEmpty { members.append(("architectures", .strings(architectures.map(\.rawValue)))) }
        if let flags { members.append(("flags", .strings(flags))) }
        members.append(("syscalls", .array(rules.map { $0.json(isCanonical: isCanonical) })))
        return .object(members)
    }
}

extension SeccompRule {
    fileprivate func json(isCanonical: Bool) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = []
        members.append(("names", .strings(names)))
        members.append(("action", .string(action.rawValue)))
        if let errnoReturn { members.append(("errnoRet", .integer(errnoReturn))) }
        let arguments = conditions.map { $0.json(isCanonical: isCanonical) }
        if !arguments.isEmpty { members.append(("args", .array(arguments))) }
        return .object(members)
    }
}

extension SeccompCondition {
    fileprivate func json(isCanonical: Bool) -> JSONValue {
        func number(_ value: UInt64) -> JSONValue { isCanonical ? .string(String(value)) : .integer(value) }
        var members: [(name: String, value: JSONValue)] = [("index", .integer(index)), ("value", number(value))]
        if comparison == .maskedEqual { members.append(("valueTwo", number(valueTwo))) }
        members.append(("op", .string(comparison.rawValue)))
        return .object(members)
    }
}
