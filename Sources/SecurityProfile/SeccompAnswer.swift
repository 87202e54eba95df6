package import LosslessJSON
package import OCISpec

/// What a filter answers for a call, as far as the process that makes it can tell: `SECCOMP_RET_*` without data that the
/// kernel passes over.
package struct SeccompAnswer: Hashable, Sendable {
    /// The answer as the kernel has it (linux/seccomp.h).
    package let kernelValue: UInt32

    /// Takes what a filter returned.
    package init(_ returned: UInt32) {
        let data = returned & 0xFFFF
        switch returned & 0xFFFF_0000 {
        // MAX_ERRNO; the kernel caps what is more.
        case 0x0005_0000: kernelValue = 0x0005_0000 | min(data, 4095)
        case 0x0003_0000, 0x7FF0_0000: kernelValue = returned
        case let action where SeccompAnswer.actions[action] != nil: kernelValue = action
        // What the kernel doesn't know ends the process (Linux 4.14).
        default: kernelValue = SeccompAction.killProcess.kernelValue
        }
    }

    private static let actions: [UInt32: SeccompAction] = Dictionary(
        SeccompAction.allCases.map { ($0.kernelValue, $0) }, uniquingKeysWith: { $1 })

    /// The action.
    package var action: SeccompAction { SeccompAnswer.actions[kernelValue & 0xFFFF_0000] ?? .killProcess }

    /// The errno, the tracer's message or `si_errno`; nil where the action has none.
    package var data: UInt32? {
        switch action {
        case .errno, .trace: kernelValue & 0xFFFF
        case .trap: kernelValue & 0xFFFF == 0 ? nil : kernelValue & 0xFFFF
        default: nil
        }
    }

    /// Whether the call is made where another program or the kernel had stopped it under `other`.
    func allowsMore(than other: SeccompAnswer) -> Bool { action.reach > other.action.reach }

    /// As JSON: `{"action": "SCMP_ACT_ERRNO", "errno": 1}`.
    package var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = [("action", .string(action.rawValue))]
        if let data { members.append((action == .errno ? "errno" : "data", .integer(data))) }
        return .object(members)
    }
}

extension SeccompAnswer: CustomStringConvertible {
    /// For people: `allow`, `EPERM`, `kill process`.
    package var description: String {
        switch action {
        case .allow: return "allow"
        case .log: return "log"
        case .errno:
            guard let data else { return "errno" }
            return data == 0 ? "errno 0" : ErrnoName.name(of: Int32(data)) ?? "errno \(data)"
        case .trap: return "trap"
        case .notify: return "ask supervisor"
        case .trace: return "ask tracer"
        case .killProcess: return "kill process"
        case .kill, .killThread: return "kill thread"
        }
    }
}
