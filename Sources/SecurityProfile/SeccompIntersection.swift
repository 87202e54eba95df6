import OCISpec

/// The filter that allows only what each of two filters allows.
///
/// Where conditions on arguments can't be combined into conditions, the call is refused: too little is safe here, too
/// much isn't. The result is in one fixed order, so that intersecting it again gives the same.
struct SeccompIntersection {
    /// What one filter says of one syscall, in a form that can be intersected.
    private struct Verdict {
        /// Sets of conditions, one of which must hold for the call to be permitted. An empty set always holds.
        var permits: [[SeccompCondition]] = []
        /// Rules that refuse.
        var refusals: [SeccompRule] = []
        /// Whether nothing but permitting and refusing is asked for.
        var isPlain = true
        /// What the filter itself says to a call that it refuses whatever the arguments are, if a rule of its own does.
        var refusal: SeccompRule? { refusals.first { $0.conditions.isEmpty } }

        init(_ decisions: SeccompDecisions, _ name: String) {
            let rules = decisions.rules(for: name).filter { !$0.conditions.contains(where: \.isNeverMet) }
            isPlain = (rules.map(\.action) + [decisions.filter.defaultAction]).allSatisfy {
                $0 == .allow || $0.reach == .refuses
            }
            refusals = rules.filter { $0.action.reach == .refuses }
            let isUnconditional = rules.contains { $0.conditions.isEmpty }
            permits = rules.filter { $0.action == .allow }.map(\.conditions)
            if decisions.filter.defaultAction == .allow, !isUnconditional { permits = [[]] }
        }
    }

    private let bundle: SeccompDecisions
    private let profile: SeccompDecisions
    private var defaultAction: SeccompAction
    private var defaultErrno: UInt32?

    /// Intersects what stands in a bundle with what a profile wants.
    static func of(_ bundle: SeccompFilter, _ profile: SeccompFilter) throws(TightenError) -> SeccompFilter {
        try SeccompIntersection(bundle, profile).filter()
    }

    private init(_ bundle: SeccompFilter, _ profile: SeccompFilter) {
        self.bundle = SeccompDecisions(bundle)
        self.profile = SeccompDecisions(profile)
        let stricter = bundle.defaultAction.leniency < profile.defaultAction.leniency ? bundle : profile
        defaultAction = stricter.defaultAction
        defaultErrno = stricter.defaultErrnoReturn
    }

    private func filter() throws(TightenError) -> SeccompFilter {
        var rules: [SeccompRule] = []
        for name in Set(bundle.names).union(profile.names).sorted() { rules += self.rules(for: name) }
        guard !([defaultAction] + rules.map(\.action)).contains(.notify) else { throw .supervised }
        return SeccompFilter(
            defaultAction: defaultAction, defaultErrnoReturn: defaultErrno, architectures: try architectures(),
            flags: profile.filter.flags ?? bundle.filter.flags, rules: grouped(rules))
    }

    private func architectures() throws(TightenError) -> [SeccompArchitecture] {
        let wanted = profile.filter.architectures
        // Without a list, a filter is for the architecture that it runs on.
        let present = bundle.filter.architectures.isEmpty ? Array(wanted.prefix(1)) : bundle.filter.architectures
        let both = wanted.filter { present.contains($0) }
        guard !both.isEmpty || wanted.isEmpty else {
            throw .otherArchitectures(bundle: present.map(\.rawValue), profile: wanted.map(\.rawValue))
        }
        return both
    }

    private func rules(for name: String) -> [SeccompRule] {
        let one = Verdict(bundle, name)
        let two = Verdict(profile, name)
        guard one.isPlain, two.isPlain, defaultAction == .allow || defaultAction.reach == .refuses else {
            return [strictest(for: name)].filter { !isDefault($0) }
        }
        let refusals = one.refusals + two.refusals
        let unconditional = refusal(one, two, for: name)
        if defaultAction == .allow {
            guard unconditional == nil else { return [unconditional].compactMap { $0 }.filter { !isDefault($0) } }
            return merged(refusals, for: name)
        }
        var permits: [[SeccompCondition]] = []
        if unconditional == nil {
            for first in one.permits {
                for second in two.permits {
                    if let both = intersection(first, second), let left = subtract(refusals, from: both) {
                        permits.append(left)
                    }
                }
            }
        }
        guard !permits.isEmpty else { return [unconditional].compactMap { $0 }.filter { !isDefault($0) } }
        return withoutImplied(permits).map { SeccompRule(names: [name], action: .allow, conditions: $0) }
    }

    /// The stricter of what the filters say to a call that at least one of them refuses whatever the arguments are.
    private func refusal(_ one: Verdict, _ two: Verdict, for name: String) -> SeccompRule? {
        let own = [two.refusal, one.refusal].compactMap { $0 }
        guard var strictest = own.min(by: { $0.action.leniency < $1.action.leniency }) else { return nil }
        // The other filter may refuse by its default, and more strictly.
        if defaultAction.leniency < strictest.action.leniency {
            strictest = SeccompRule(names: [], action: defaultAction, errnoReturn: defaultErrno)
        }
        strictest.names = [name]
        return strictest
    }

    /// One rule for a syscall about which the filters ask for more than permitting and refusing: the strictest of all.
    private func strictest(for name: String) -> SeccompRule {
        let candidates =
            profile.rules(for: name) + bundle.rules(for: name)
            + [profile.filter, bundle.filter].map {
                SeccompRule(names: [], action: $0.defaultAction, errnoReturn: $0.defaultErrnoReturn)
            }
        var rule = candidates.min { $0.action.leniency < $1.action.leniency } ?? candidates[0]
        rule.names = [name]
        rule.conditions = []
        return rule
    }

    private func isDefault(_ rule: SeccompRule) -> Bool {
        rule.action == defaultAction
            && (!rule.action.takesErrno
                || (rule.errnoReturn ?? SeccompList.defaultErrno) == (defaultErrno ?? SeccompList.defaultErrno))
    }

    /// Refusals of both filters beside a default that permits. Of two under the same conditions the stricter counts.
    private func merged(_ refusals: [SeccompRule], for name: String) -> [SeccompRule] {
        var rules: [SeccompRule] = []
        for refusal in refusals {
            var rule = refusal
            rule.names = [name]
            if let same = rules.firstIndex(where: { Set($0.conditions) == Set(rule.conditions) }) {
                if rule.action.leniency < rules[same].action.leniency { rules[same] = rule }
            } else {
                rules.append(rule)
            }
        }
        return rules
    }

    /// The conditions under which both hold, or nil if they never do or it can't be said.
    private func intersection(_ one: [SeccompCondition], _ two: [SeccompCondition]) -> [SeccompCondition]? {
        var both = one
        for condition in two {
            if let position = both.firstIndex(where: { $0.index == condition.index }) {
                guard !both[position].excludes(condition), let common = both[position].intersection(condition) else {
                    return nil
                }
                both[position] = common
            } else {
                both.append(condition)
            }
        }
        return both.sorted { $0.index < $1.index }
    }

    /// The conditions under which `permit` holds and no refusal does, or nil if they never do or it can't be said.
    private func subtract(_ refusals: [SeccompRule], from permit: [SeccompCondition]) -> [SeccompCondition]? {
        let open = refusals.filter { refusal in
            // Where one argument can't meet both, the refusal never concerns what is permitted.
            !refusal.conditions.contains { condition in
                permit.contains { $0.index == condition.index && $0.excludes(condition) }
            }
        }
        guard let first = open.first else { return permit }
        guard let condition = first.conditions.first, open.allSatisfy({ $0.conditions.count == 1 }) else { return nil }
        var negation = condition.negation
        if open.count > 1 {
            let bits = open.compactMap { $0.conditions.first }
            guard bits.allSatisfy({ $0.isOneBitSet && $0.index == condition.index }) else { return nil }
            let mask = bits.reduce(0) { $0 | $1.value }
            negation = SeccompCondition(index: condition.index, .maskedEqual, mask, 0)
        }
        return negation.flatMap { intersection(permit, [$0]) }
    }

    /// Takes out sets of conditions that another one covers.
    private func withoutImplied(_ permits: [[SeccompCondition]]) -> [[SeccompCondition]] {
        var kept: [[SeccompCondition]] = []
        for permit in permits where !kept.contains(where: { implies(permit, $0) }) {
            kept.removeAll { implies($0, permit) }
            kept.append(permit)
        }
        return kept
    }

    private func implies(_ one: [SeccompCondition], _ two: [SeccompCondition]) -> Bool {
        two.allSatisfy { wanted in one.contains { $0.index == wanted.index && $0.implies(wanted) } }
    }

    /// One rule for all names with the same word: those without conditions first, in the order of their names.
    private func grouped(_ rules: [SeccompRule]) -> [SeccompRule] {
        var groups: [SeccompRule] = []
        for rule in rules where rule.conditions.isEmpty {
            if let group = groups.firstIndex(where: { $0.action == rule.action && $0.errnoReturn == rule.errnoReturn })
            {
                groups[group].names += rule.names
            } else {
                groups.append(rule)
            }
        }
        groups.sort {
            ($0.action.leniency, $0.errnoReturn ?? 0) > ($1.action.leniency, $1.errnoReturn ?? 0)
        }
        return groups + rules.filter { !$0.conditions.isEmpty }
    }
}
