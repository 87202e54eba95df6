import LosslessJSON
import OCISpec

/// A seccomp filter together with the places of what it says, so that a verdict can name the line it came from.
struct LocatedFilter: Sendable {
    /// A rule and where it stands.
    struct Rule: Sendable {
        // Lines are counted only for what is told: a list may have many thousand names.
        enum Position: Sendable {
            case known(LintPlace)
            case read(SourcePlace, names: [SourcePlace], source: String)
        }

        var rule: SeccompRule
        var position: Position
        /// The profile that it comes from, if it comes from one.
        var layer: String?

        /// Where the rule stands.
        var place: LintPlace {
            switch position {
            case .known(let place): place
            case .read(let place, _, let source): LintPlace(place, in: source)
            }
        }

        /// Where a name of the rule stands, or the rule.
        func place(of name: String) -> LintPlace {
            guard case .read(_, let names, let source) = position, names.count == rule.names.count,
                let index = rule.names.firstIndex(of: name)
            else { return place }
            return LintPlace(names[index], in: source)
        }
    }

    /// What happens to a call.
    struct Outcome: Sendable {
        var action: SeccompAction
        /// The errno where the action is `errno`.
        var errno: UInt32?
        /// The rule, or nil where the default action decides.
        var rule: Rule?
    }

    var defaultAction: SeccompAction
    var defaultErrno: UInt32?
    var architectures: [SeccompArchitecture]
    var place: LintPlace
    var defaultPlace: LintPlace
    /// The profile whose default action it is, if it is one's.
    var defaultLayer: String?
    var rules: [Rule] = []
    private var byName: [String: [Int]] = [:]

    /// The filter of a profile, with the lines of the manifests that it comes from.
    init(_ filter: SeccompFilter, of profile: ResolvedProfile) {
        let places = ProfilePlaces(profile)
        defaultAction = filter.defaultAction
        defaultErrno = filter.defaultErrnoReturn
        architectures = filter.architectures
        place = places.seccomp
        defaultPlace = places.defaultAction
        defaultLayer = places.defaultLayer
        rules = filter.rules.enumerated().map { index, rule in
            Rule(
                rule: rule, position: .known(places.place(of: rule, at: index)), layer: places.layer(of: rule))
        }
        indexNames()
    }

    /// The filter of a list in Docker's or OCI's form, as a container with these capabilities has it on a host of this
    /// architecture. What can't be read is told to `tell` and left out; nil if nothing is left.
    init?(
        _ node: ManifestNode, in source: String, capabilities: CapabilitySet?, on architecture: SeccompArchitecture,
        kernel: KernelVersion? = nil, tell: (LintFinding) -> Void
    ) {
        place = LintPlace(node.place, in: source)
        defaultPlace = place
        guard case .map(let entries) = node.content else {
            tell(LintFinding(.unreadableFilter, at: place, "the seccomp section is no object"))
            return nil
        }
        // Without the rules, so that an error in one of them doesn't hide those in others.
        var rules: [ManifestNode] = []
        var head: [ManifestNode.Entry] = []
        for entry in entries {
            if entry.key == "syscalls", case .list(let listed) = entry.value.content {
                rules = listed
            } else {
                head.append(entry)
                if entry.key == "defaultAction" { defaultPlace = LintPlace(entry.value.place, in: source) }
            }
        }
        let list: SeccompList
        do throws(ProfileError) {
            list = try SeccompList(ManifestNode(.map(head), at: node.place), asRuntimesDo: true)
        } catch {
            tell(LocatedFilter.unreadable(error, in: source, at: place))
            return nil
        }
        let filter = list.filter(for: capabilities ?? [], on: architecture, kernel: kernel)
        defaultAction = filter.defaultAction
        defaultErrno = filter.defaultErrnoReturn
        architectures = filter.architectures
        let shared = head.filter { $0.key == "defaultAction" || $0.key == "defaultErrnoRet" }
        for rule in rules {
            let syscalls = ManifestNode.Entry(
                key: "syscalls", place: rule.place, value: ManifestNode(.list([rule]), at: rule.place))
            do throws(ProfileError) {
                let read = try SeccompList(
                    ManifestNode(.map(shared + [syscalls]), at: node.place), asRuntimesDo: true)
                let applying = read.entries.filter { entry in
                    capabilities.map { entry.applies(to: $0, on: architecture, kernel: kernel) } ?? true
                }
                let position = Rule.Position.read(
                    rule.place, names: LocatedFilter.namePlaces(rule), source: source)
                self.rules += applying.map { Rule(rule: $0.rule, position: position) }
                LocatedFilter.tellRepeatedArguments(rule, read.entries, in: source, tell: tell)
            } catch {
                tell(LocatedFilter.unreadable(error, in: source, at: LintPlace(rule.place, in: source)))
            }
        }
        indexNames()
    }

    private mutating func indexNames() {
        for (index, rule) in rules.enumerated() {
            for name in rule.rule.names { byName[name, default: []].append(index) }
        }
    }

    private static func unreadable(_ error: ProfileError, in source: String, at place: LintPlace) -> LintFinding {
        guard case .manifest(let place, let message, let remedy) = error else {
            return LintFinding(.unreadableFilter, at: place, "\(error)")
        }
        return LintFinding(
            .unreadableFilter, at: LintPlace(place, in: source), message + (remedy.map { "; \($0)" } ?? ""))
    }

    private static func namePlaces(_ rule: ManifestNode) -> [SourcePlace] {
        guard case .map(let members) = rule.content else { return [] }
        return members.flatMap { member -> [SourcePlace] in
            switch (member.key, member.value.content) {
            case ("names", .list(let names)): names.map(\.place)
            case ("name", .string): [member.value.place]
            default: []
            }
        }
    }

    private static func tellRepeatedArguments(
        _ rule: ManifestNode, _ entries: [SeccompList.Entry], in source: String, tell: (LintFinding) -> Void
    ) {
        guard entries.count > 1, case .map(let members) = rule.content,
            let arguments = members.first(where: { $0.key == "args" })
        else { return }
        let names = LintText.list(entries[0].rule.names)
        tell(
            LintFinding(
                .repeatedArgument, at: LintPlace(arguments.value.place, in: source),
                "an argument stands twice in the conditions for \(names); each condition counts alone"))
    }

    /// The rules that are for a syscall. One without conditions makes those with conditions superfluous.
    func rules(for name: String) -> [Rule] {
        let all = (byName[name] ?? []).map { rules[$0] }
        let unconditional = all.filter { $0.rule.conditions.isEmpty }
        return unconditional.isEmpty ? all : unconditional
    }

    /// What happens where no rule is for the call.
    var defaultOutcome: Outcome {
        Outcome(
            action: defaultAction,
            errno: defaultAction == .errno ? defaultErrno ?? SeccompList.defaultErrno : nil, rule: nil)
    }

    /// What happens by a rule.
    func outcome(of rule: Rule) -> Outcome {
        let action = rule.rule.action
        return Outcome(
            action: action, errno: action == .errno ? rule.rule.errnoReturn ?? SeccompList.defaultErrno : nil,
            rule: rule)
    }

    /// All that can happen to a call, by its arguments as far as they are known. Where rules without open conditions
    /// apply it is the strictest of them alone; the default action stands last, where it can be reached.
    func outcomes(of name: String, arguments: [Int: UInt64] = [:]) -> [Outcome] {
        var open: [Outcome] = []
        var certain: [Outcome] = []
        for rule in rules(for: name) {
            var isOpen = false
            var holds = true
            for condition in rule.rule.conditions {
                if let argument = arguments[condition.index] {
                    if !condition.holds(for: argument) { holds = false }
                } else if condition.isNeverMet {
                    holds = false
                } else {
                    isOpen = true
                }
            }
            guard holds else { continue }
            if isOpen { open.append(outcome(of: rule)) } else { certain.append(outcome(of: rule)) }
        }
        if let strictest = certain.min(by: { $0.action.leniency < $1.action.leniency }) {
            return open.filter { $0.action.leniency < strictest.action.leniency } + [strictest]
        }
        return open + [defaultOutcome]
    }

    /// Whether the call is refused whatever its arguments are.
    func isRefused(_ name: String) -> Bool { outcomes(of: name).allSatisfy { $0.action.reach == .refuses } }

    /// Whether the call is let happen whatever its arguments are.
    func isPermitted(_ name: String) -> Bool { outcomes(of: name).allSatisfy { $0.action.reach == .permits } }

    /// The architecture that names are looked up for first.
    var nativeArchitecture: SeccompArchitecture? { architectures.first }

    /// Whether an architecture of the filter has the call.
    func has(_ name: String, on architecture: SeccompArchitecture) -> Bool {
        SyscallTable.number(of: name, on: architecture) != nil
    }
}

/// Pieces of messages.
enum LintText {
    /// Up to five names, and how many more there are.
    static func list(_ names: [String]) -> String {
        names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }

    /// Which profile something comes from, if it comes from one.
    static func layer(_ name: String?) -> String { name.map { " (profile \($0))" } ?? "" }

    /// An action, with its errno by name.
    static func action(_ outcome: LocatedFilter.Outcome) -> String {
        guard let errno = outcome.errno else { return outcome.action.rawValue }
        return "\(outcome.action.rawValue) \(ErrnoName.name(of: Int32(errno)) ?? String(errno))"
    }
}
