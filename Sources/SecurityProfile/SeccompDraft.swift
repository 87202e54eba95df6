import OCISpec

/// A filter on the way from the layers of a chain to what is written: the conditions are evaluated, and each rule knows
/// which layer it comes from.
struct SeccompDraft {
    /// What conditions are asked of.
    struct Conditions {
        /// The container's bounding set, as it is in the end.
        let capabilities: CapabilitySet
        /// The host's architecture.
        let architecture: SeccompArchitecture
        /// The host's kernel, or nil for one that is newer than whatever is asked for.
        let kernel: KernelVersion?
    }

    private typealias Origin = Provenance.RuleOrigin

    private var filter: SeccompFilter
    private(set) var defaultOrigin: Provenance.Decision?
    private(set) var origins: [String: [Provenance.RuleOrigin]] = [:]

    /// No filter, as one that a layer can change: all is allowed.
    private init(_ conditions: Conditions) {
        filter = SeccompFilter(
            defaultAction: .allow, architectures: SeccompList.Architectures.auto.resolved(on: conditions.architecture))
    }

    /// What `layer` of the profile `name` makes of its parent's filter; nil is none.
    init(
        _ layer: SeccompLayer, of name: ProfileName, onto parent: SeccompDraft?, isOutermost: Bool,
        _ conditions: Conditions
    ) throws(ProfileError) {
        let own = { (key: String) in
            Provenance.Decision(.profile(name), layer.places[key] ?? layer.places[""])
        }
        switch layer.mode {
        case .extend:
            if isOutermost, layer.defaultAction == nil { throw layer.lacksDefaultAction(name) }
            self = parent ?? SeccompDraft(conditions)
            try setDefault(of: layer, own)
            if let architectures = layer.architectures {
                let wanted = architectures.resolved(on: conditions.architecture)
                // No filter has no architectures that could be kept.
                let kept = parent == nil ? [] : filter.architectures
                filter.architectures = kept + wanted.filter { !kept.contains($0) }
            }
            if let flags = layer.flags {
                filter.flags = (filter.flags ?? []) + flags.filter { filter.flags?.contains($0) != true }
            }
        case .replace, .intersect:
            guard layer.defaultAction != nil else { throw layer.lacksDefaultAction(name) }
            self.init(conditions)
            try setDefault(of: layer, own)
            if let architectures = layer.architectures {
                filter.architectures = architectures.resolved(on: conditions.architecture)
            }
            filter.flags = layer.flags
        }
        for part in layer.parts { try speak(part, name, conditions) }
        if layer.mode == .intersect, let parent { try intersect(with: parent, layer, name) }
    }

    private mutating func setDefault(
        of layer: SeccompLayer, _ own: (String) -> Provenance.Decision
    ) throws(ProfileError) {
        if let action = layer.defaultAction {
            filter.defaultAction = action
            filter.defaultErrnoReturn = nil
            defaultOrigin = own("defaultAction")
        }
        guard let errno = layer.defaultErrnoReturn else { return }
        guard filter.defaultAction.takesErrno else {
            let message = "defaultErrnoRet stands beside the default action \(filter.defaultAction.rawValue)"
            let remedy = "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE have one; take it out, or say defaultAction too"
            guard let place = own("defaultErrnoRet").place else { throw .file("\(message); \(remedy)") }
            throw .manifest(place, message, remedy: remedy)
        }
        filter.defaultErrnoReturn = errno
        defaultOrigin = own(layer.defaultAction == nil ? "defaultErrnoRet" : "defaultAction")
    }

    /// Takes up the rules that apply. Their word on a syscall replaces what was said before.
    private mutating func speak(
        _ entries: [SeccompList.Entry], _ name: ProfileName, _ conditions: Conditions
    ) throws(ProfileError) {
        let applying = entries.filter { $0.applies(to: conditions) }
        let spoken = Set(applying.flatMap(\.rule.names))
        for syscall in spoken where origins[syscall]?.contains(where: { $0.rule.action.reach == .refuses }) == true {
            try refuseWideningByCondition(syscall, applying)
        }
        filter.rules = filter.rules.compactMap { rule in
            var rest = rule
            rest.names.removeAll(where: spoken.contains)
            return rest.names.isEmpty ? nil : rest
        }
        for syscall in spoken { origins[syscall] = nil }
        for entry in applying {
            filter.rules.append(entry.rule)
            let origin = Origin(decision: .init(.profile(name), entry.place), rule: entry.rule)
            for syscall in entry.rule.names { origins[syscall, default: []].append(origin) }
        }
    }

    /// Refuses a permission under a condition that takes a refusal's place where the default permits: nothing would be
    /// left that refuses what doesn't meet the condition.
    private func refuseWideningByCondition(
        _ syscall: String, _ entries: [SeccompList.Entry]
    ) throws(ProfileError) {
        let own = entries.filter { $0.rule.names.contains(syscall) }
        guard filter.defaultAction.reach == .permits, let place = own[0].place,
            own.allSatisfy({ !$0.rule.conditions.isEmpty && $0.rule.action.reach == .permits })
        else { return }
        throw .manifest(
            place, "\(syscall) is refused by the parent and would be allowed whatever its arguments are",
            remedy: "the default action is \(filter.defaultAction.rawValue), so write rules that refuse the rest")
    }

    private mutating func intersect(
        with parent: SeccompDraft, _ layer: SeccompLayer, _ name: ProfileName
    ) throws(ProfileError) {
        let own = filter
        do throws(TightenError) {
            filter = try SeccompIntersection.of(parent.filter, own)
        } catch {
            throw layer.error("can't be intersected with what \(name) extends: \(error.reason)")
        }
        filter.flags = SeccompDraft.commonFlags(parent.filter.flags, own.flags)
        if parent.filter.defaultAction.leniency < own.defaultAction.leniency { defaultOrigin = parent.defaultOrigin }
        for (syscall, theirs) in parent.origins { origins[syscall] = theirs + (origins[syscall] ?? []) }
    }

    /// The flags of both, but for the one that gives up a protection, which both must want.
    private static func commonFlags(_ one: [String]?, _ two: [String]?) -> [String]? {
        guard one != nil || two != nil else { return nil }
        let giving = SeccompFlag.allowSpeculation.rawValue
        var flags = one ?? []
        flags += (two ?? []).filter { !flags.contains($0) }
        return flags.filter { $0 != giving || one?.contains(giving) == true && two?.contains(giving) == true }
    }

    /// The filter as it is written: rules that do what the default does anyway are left out, libseccomp refuses them.
    var finished: SeccompFilter { filter.withoutRulesOfDefault }
}

extension SeccompLayer {
    fileprivate func lacksDefaultAction(_ name: ProfileName) -> ProfileError {
        error(
            mode == .extend ? "has no defaultAction, and \(name) extends no profile" : "has no defaultAction",
            remedy: "SCMP_ACT_ERRNO makes a list of what is allowed, SCMP_ACT_ALLOW one of what is refused")
    }

    fileprivate func error(_ message: String, remedy: String? = nil) -> ProfileError {
        guard let place = places[""] else { return .file("spec.seccomp \(message)" + (remedy.map { "; \($0)" } ?? "")) }
        return .manifest(place, "spec.seccomp \(message)", remedy: remedy)
    }
}

extension SeccompList.Entry {
    func applies(to conditions: SeccompDraft.Conditions) -> Bool {
        applies(to: conditions.capabilities, on: conditions.architecture, kernel: conditions.kernel)
    }
}

extension SeccompFilter {
    /// The filter without the rules that do what its default does.
    var withoutRulesOfDefault: SeccompFilter {
        var filter = self
        filter.rules.removeAll {
            $0.action == defaultAction
                && (!$0.action.takesErrno
                    || ($0.errnoReturn ?? SeccompList.defaultErrno) == (defaultErrnoReturn ?? SeccompList.defaultErrno))
        }
        return filter
    }
}
