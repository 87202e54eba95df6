package import OCISpec

/// Something that a changed bundle allows and that it didn't allow before.
package enum Widening: Equatable, Sendable {
    /// Capabilities, in any of the five sets.
    case capabilities(CapabilitySet)
    /// no_new_privs was set and isn't any more.
    case noNewPrivileges
    /// Another AppArmor profile, or none, in place of one. Which of two names allows more can't be told from them.
    case appArmor(from: String, to: String?)
    /// Another SELinux label in place of one.
    case selinuxLabel(from: String, to: String)
    /// Paths that were masked and aren't.
    case maskedPaths([String])
    /// Paths that were read-only and can be written.
    case readonlyPaths([String])
    /// The root file system was read-only and can be written.
    case rootWritable
    /// There was a filter and is none any more.
    case seccompRemoved
    /// A call that no rule names was refused and is permitted.
    case seccompDefault
    /// Syscalls that were refused, at least with some arguments, and are permitted; sorted.
    case syscalls([String])
    /// Architectures whose calls the filter before wasn't for, which means that it killed whoever made them.
    case architectures([SeccompArchitecture])
}

extension Widening {
    /// Compares two filters, the one before first, as programs: of the calls that are named the second permits these more
    /// than the first, on one of these architectures. Nil where one of the filters can't be built.
    package typealias Decision = (
        _ before: SeccompFilter, _ after: SeccompFilter, _ names: [String], _ architectures: [SeccompArchitecture]
    ) -> Set<String>?

    /// What `after` allows that `before` didn't.
    ///
    /// - Parameter decide: is asked about calls for which arguments matter. Without it a sample of arguments decides.
    package static func between(
        _ before: BundleSecurity, _ after: BundleSecurity, by decide: Decision = { _, _, _, _ in nil }
    ) -> [Widening] {
        var widenings: [Widening] = []
        let gained = [
            after.capabilities.bounding.subtracting(before.capabilities.bounding),
            after.capabilities.effective.subtracting(before.capabilities.effective),
            after.capabilities.permitted.subtracting(before.capabilities.permitted),
            after.capabilities.inheritable.subtracting(before.capabilities.inheritable),
            after.capabilities.ambient.subtracting(before.capabilities.ambient),
        ].reduce(CapabilitySet()) { $0.union($1) }
        if !gained.isEmpty { widenings.append(.capabilities(gained)) }
        if before.noNewPrivileges && !after.noNewPrivileges { widenings.append(.noNewPrivileges) }
        if let old = before.appArmorProfile, old != after.appArmorProfile {
            widenings.append(.appArmor(from: old, to: after.appArmorProfile))
        }
        if let old = before.selinuxLabel, !old.isEmpty, let new = after.selinuxLabel, old != new {
            widenings.append(.selinuxLabel(from: old, to: new))
        }
        widenings += between(before.paths, after.paths)
        if let old = before.seccomp { widenings += between(old, after.seccomp, by: decide) }
        return widenings
    }

    /// Without a word about them, paths stay as they were.
    private static func between(_ before: ProfilePaths, _ after: ProfilePaths) -> [Widening] {
        var widenings: [Widening] = []
        let old = ConfinedPaths(masked: before.masked ?? [], readOnly: before.readonly ?? [])
        let new = ConfinedPaths(masked: after.masked ?? old.masked, readOnly: after.readonly ?? old.readOnly)
        let unmasked = new.unmasked(comparedTo: old)
        if !unmasked.isEmpty { widenings.append(.maskedPaths(unmasked)) }
        let writable = new.writable(comparedTo: old)
        if !writable.isEmpty { widenings.append(.readonlyPaths(writable)) }
        if before.rootReadonly == true, after.rootReadonly == false { widenings.append(.rootWritable) }
        return widenings
    }

    private static func between(
        _ before: SeccompFilter, _ after: SeccompFilter?, by decide: Decision
    ) -> [Widening] {
        guard let after else {
            let refuses = ([before.defaultAction] + before.rules.map(\.action)).contains { $0.reach < .permits }
            return refuses ? [.seccompRemoved] : []
        }
        var widenings: [Widening] = []
        if before.defaultAction.reach < after.defaultAction.reach { widenings.append(.seccompDefault) }
        let old = SeccompDecisions(before)
        let new = SeccompDecisions(after)
        // Without a list, a filter is for the architecture that it runs on: the first of what a profile writes.
        let known = before.architectures.isEmpty ? Array(after.architectures.prefix(1)) : before.architectures
        var widened: Set<String> = []
        var doubtful: [String] = []
        func look(at name: String) {
            if old.hasConditions(name) || new.hasConditions(name) {
                if !isSame(name, old, new) { doubtful.append(name) }
            } else if widensWhateverTheArguments(name, old, new), isCalled(name, on: known) {
                widened.insert(name)
            }
        }
        for name in old.names { look(at: name) }
        for name in new.names where old.rules(for: name).isEmpty { look(at: name) }
        if !doubtful.isEmpty {
            let decided = decide(before, after, doubtful.sorted(), known)
            for name in doubtful {
                // Runtimes differ in what they make of rules that contradict each other, and in the calls that they know:
                // there the careful answer counts too.
                let isOpen =
                    decided == nil || old.isContradictory(name) || new.isContradictory(name)
                    || !SyscallTable.contains(name)
                if decided?.contains(name) == true || isOpen && widens(name, old, new) { widened.insert(name) }
            }
        }
        if !widened.isEmpty { widenings.append(.syscalls(widened.sorted())) }
        let added = after.architectures.filter { !known.contains($0) }
        if !added.isEmpty { widenings.append(.architectures(added)) }
        return widenings
    }

    /// Whether both filters say the same of a call; also where rules contradict each other, as those of engines do: the
    /// same ones are decided in the same way.
    private static func isSame(_ name: String, _ old: SeccompDecisions, _ new: SeccompDecisions) -> Bool {
        old.filter.defaultAction == new.filter.defaultAction
            && old.rules(for: name).elementsEqual(new.rules(for: name)) {
                $0.action == $1.action && $0.conditions == $1.conditions
            }
    }

    /// Whether a call for which neither filter has conditions is refused by the first and permitted by the second.
    private static func widensWhateverTheArguments(
        _ name: String, _ old: SeccompDecisions, _ new: SeccompDecisions
    ) -> Bool {
        let before = old.rules(for: name).map(\.action.reach).min() ?? old.filter.defaultAction.reach
        let after = new.rules(for: name).map(\.action.reach).max() ?? new.filter.defaultAction.reach
        return before < after && !isSame(name, old, new)
    }

    /// Whether one of the architectures has the call; or nobody knows, because it is newer than what is known here.
    private static func isCalled(_ name: String, on architectures: [SeccompArchitecture]) -> Bool {
        architectures.isEmpty || SyscallTable.numbers(of: name, on: architectures).contains { $0 != nil }
            || !SyscallTable.contains(name)
    }

    private static func widens(_ name: String, _ old: SeccompDecisions, _ new: SeccompDecisions) -> Bool {
        guard let samples = SeccompDecisions.samples(for: name, old, new) else { return true }
        return samples.contains {
            old.action(for: name, arguments: $0, overlap: .strictest).reach
                < new.action(for: name, arguments: $0, overlap: .mostLenient).reach
        }
    }
}

extension Widening: CustomStringConvertible {
    /// What is allowed, in a few words.
    package var description: String {
        switch self {
        case .capabilities(let set): Widening.list("capabilities", set.names)
        case .noNewPrivileges: "new privileges (no_new_privs was set)"
        case .appArmor(let old, nil): "what AppArmor profile \(quoted(old)) refuses"
        case .appArmor(let old, let new?): "what AppArmor profile \(quoted(old)) refuses and \(quoted(new)) doesn't"
        case .selinuxLabel(let old, let new): "what SELinux refuses to \(quoted(old)) and not to \(quoted(new))"
        case .maskedPaths(let paths): Widening.list("masked paths", paths)
        case .readonlyPaths(let paths): Widening.list("writing to", paths)
        case .rootWritable: "writing to the root file system"
        case .seccompRemoved: "every syscall (there was a seccomp filter)"
        case .seccompDefault: "syscalls that no rule names"
        case .syscalls(let names): Widening.list("syscalls", names)
        case .architectures(let added): Widening.list("syscalls of", added.map(\.rawValue))
        }
    }

    private static func list(_ what: String, _ names: [String]) -> String {
        let shown = names.prefix(4).joined(separator: ", ")
        return "\(what) \(shown)" + (names.count > 4 ? " and \(names.count - 4) more" : "")
    }
}
