import CSeccomp
import Glibc

/// A filter as libseccomp builds it.
///
/// What the library can't express is left to ``SeccompCompiler``: a program of its own stands before the library's,
/// answers for the calls that those rules are for, and goes on to the library's program for all others.
struct SeccompLibrary {
    private let description: SeccompDescription

    init(_ description: SeccompDescription) { self.description = description }

    /// The library's number for a syscall, or nil if it has none.
    static func number(of name: String, onArchitecture token: UInt32) -> Int? {
        // SAFETY: the name is a C string for as long as the call lasts.
        let number = unsafe seccomp_syscall_resolve_name_arch(token, name)
        return number >= 0 ? Int(number) : nil
    }

    /// The whole program.
    func compile() throws(SeccompError) -> [UInt8] {
        try description.check()
        let beyond = rulesBeyondTheLibrary()
        let exported = try export(leavingOut: beyond)
        guard beyond.contains(true) || description.answersNewerWithENOSYS else { return exported }
        var compiler = SeccompCompiler(description, part: beyond)
        return try compiler.compile() + exported
    }

    /// For each rule whether the library can't express it.
    private func rulesBeyondTheLibrary() -> [Bool] {
        var namesBeyond = Set<String>()
        var seen: [String: (action: UInt32, hasConditions: Bool, hasOrder: Bool)] = [:]
        let carriesCalls = description.architectures.contains { $0.socketcallNumber != nil || $0.ipcNumber != nil }
        for rule in description.rules {
            // The library takes several rules on one call only where they don't contradict each other, and of several
            // comparisons of size on one argument it loses some (2.5.4).
            let known = (action: rule.action, hasConditions: !rule.conditions.isEmpty, hasOrder: hasOrder(rule))
            if let other = seen.updateValue(known, forKey: rule.name), other != known || known.hasOrder {
                namesBeyond.insert(rule.name)
            }
            // To the library `socketcall(SYS_SOCKET, ...)` matches whatever the conditions on `socket` are.
            if carriesCalls, SeccompMultiplexer.call(named: rule.name) != nil {
                namesBeyond.formUnion([rule.name, "socketcall", "ipc"])
            }
            for (index, number) in rule.numbers.enumerated() where number != nil {
                let token = description.architectures[index].token
                // SAFETY: the name is a C string for as long as the call lasts.
                let resolved = unsafe seccomp_syscall_resolve_name_arch(token, rule.name)
                if resolved == __NR_SCMP_ERROR || Int(resolved) != number { namesBeyond.insert(rule.name) }
            }
        }
        return description.rules.map { namesBeyond.contains($0.name) }
    }

    private func hasOrder(_ rule: SeccompDescription.Rule) -> Bool {
        rule.conditions.contains {
            switch $0.comparison {
            case .less, .lessOrEqual, .greater, .greaterOrEqual: true
            case .equal, .notEqual, .maskedEqual: false
            }
        }
    }

    /// The library's program for all rules but some.
    func export(leavingOut leftOut: [Bool]) throws(SeccompError) -> [UInt8] {
        // SAFETY: the context is used inside this function only, and released at its end.
        guard let context = unsafe seccomp_init(description.defaultAction) else {
            throw .library(function: "seccomp_init", syscall: "", errno: EINVAL)
        }
        // SAFETY: as above.
        defer { unsafe seccomp_release(context) }

        func check(_ result: Int32, _ function: String, _ syscall: String = "") throws(SeccompError) {
            if result < 0 { throw .library(function: function, syscall: syscall, errno: -result) }
        }
        // Binary search is for newer programs to read: 2 (libseccomp 2.5).
        for (attribute, value) in [
            (SCMP_FLTATR_ACT_BADARCH, description.architectureMismatchAction), (SCMP_FLTATR_CTL_OPTIMIZE, 2),
        ] {
            // SAFETY: as above.
            try check(unsafe seccomp_attr_set(context, attribute, value), "seccomp_attr_set")
        }
        let native = seccomp_arch_native()
        for architecture in description.architectures where architecture.token != native {
            // SAFETY: as above.
            let result = unsafe seccomp_arch_add(context, architecture.token)
            if result == -EINVAL { throw .unknownArchitecture(token: architecture.token) }
            try check(result, "seccomp_arch_add")
        }
        if !description.architectures.contains(where: { $0.token == native }) {
            // SAFETY: as above.
            try check(unsafe seccomp_arch_remove(context, native), "seccomp_arch_remove")
        }
        for (index, rule) in description.rules.enumerated()
        where !leftOut[index] && rule.action != description.defaultAction && rule.numbers.contains(where: { $0 != nil })
        {
            let conditions = rule.conditions.map {
                scmp_arg_cmp(
                    arg: UInt32($0.argumentIndex), op: scmp_compare($0.comparison.rawValue), datum_a: $0.value,
                    datum_b: $0.valueTwo)
            }
            // SAFETY: as above; the array lives as long as the call lasts.
            let result = unsafe seccomp_rule_add_array(
                context, rule.action, seccomp_syscall_resolve_name(rule.name), UInt32(conditions.count), conditions)
            try check(result, "seccomp_rule_add_array", rule.name)
        }
        // SAFETY: as above.
        return try unsafe export(context)
    }

    /// The program of a context that the caller keeps.
    private func export(_ context: UnsafeMutableRawPointer) throws(SeccompError) -> [UInt8] {
        // A pipe holds twice what the kernel takes as a filter, and is gone with its ends.
        var ends: [Int32] = [-1, -1]
        // SAFETY: the array has the two elements that are written.
        guard unsafe pipe(&ends) == 0 else { throw .library(function: "pipe", syscall: "", errno: errno) }
        defer { for end in ends { close(end) } }
        // A filter that doesn't fit is too long for the kernel anyway: it is cut off, and refused by its length.
        for end in ends where fcntl(end, F_SETFD, FD_CLOEXEC) < 0 || fcntl(end, F_SETFL, O_NONBLOCK) < 0 {
            throw .library(function: "fcntl", syscall: "", errno: errno)
        }
        // SAFETY: the caller keeps the context.
        let result = unsafe seccomp_export_bpf(context, ends[1])
        guard result == 0 else { throw .library(function: "seccomp_export_bpf", syscall: "", errno: -result) }
        var bytes = [UInt8](repeating: 0, count: 16 * SeccompProgram.maximumInstructionCount)
        // SAFETY: the array is as long as the read.
        let count = unsafe read(ends[0], &bytes, bytes.count)
        guard count >= 0 else { throw .library(function: "read", syscall: "", errno: errno) }
        return Array(bytes[..<count])
    }
}
