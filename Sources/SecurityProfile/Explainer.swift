package import LosslessJSON
package import OCISpec

/// Answers what a bundle or profile allows, and says why.
package struct Explainer: Sendable {
    /// Why a question can't be answered.
    package enum QuestionError: Error, Equatable, Sendable, CustomStringConvertible {
        /// No syscall has this name.
        case unknownCall(String, nearest: String?)
        /// The architecture has no such call.
        case notOnArchitecture(String, String)
        /// The seccomp section can't be read; what is wrong with it.
        case unreadableFilter(String)

        /// One line: what is wrong, and what to do.
        package var description: String {
            switch self {
            case .unknownCall(let name, let nearest):
                "--syscall: no syscall is named \(quoted(name))" + (nearest.map { "; did you mean \($0)?" } ?? "")
            case .notOnArchitecture(let name, let architecture):
                "--syscall: \(architecture) has no syscall \(quoted(name)); name another architecture with --arch"
            case .unreadableFilter(let message): "\(message); so the filter can't be explained: repair it"
            }
        }
    }

    private let capabilities: ResolvedProfile.ProcessCapabilities
    private let noNewPrivileges: Bool
    private let appArmorProfile: String?
    private let filter: LocatedFilter?
    private let capabilityPlace: LintPlace?
    private let filterPlace: LintPlace?
    private let architecture: SeccompArchitecture
    /// The place of a capability in a set, where it stands there.
    private let placeOf: @Sendable (Capability, String) -> LintPlace?
    /// What the profile would do about a call if it had a capability, or didn't have it; nil for a bundle.
    private let variant: (@Sendable (Capability, Bool) -> ResolvedProfile)?
    /// Which layer of a profile added or dropped a capability.
    private let layerOf: @Sendable (Capability) -> String?

    /// For a bundle: `source` is its path.
    package init(
        bundle config: JSON, named source: String, on architecture: SeccompArchitecture
    ) throws(QuestionError) {
        self.architecture = architecture
        func set(_ name: String) -> CapabilitySet {
            CapabilitySet(
                (config.value(at: "/process/capabilities/\(name)")?.elements).map { elements in
                    elements.compactMap { $0.stringValue.flatMap { Capability(lenientName: $0) } }
                } ?? [])
        }
        capabilities = ResolvedProfile.ProcessCapabilities(
            bounding: set("bounding"), effective: set("effective"), permitted: set("permitted"),
            inheritable: set("inheritable"), ambient: set("ambient"))
        noNewPrivileges = config.value(at: "/process/noNewPrivileges")?.boolValue == true
        let named = config.value(at: "/process/apparmorProfile")?.stringValue ?? ""
        appArmorProfile = named.isEmpty || named == "unconfined" ? nil : named
        capabilityPlace = (config.value(at: "/process/capabilities") ?? config["process"]).map {
            LintPlace($0, in: source)
        }
        filterPlace = config["linux"].map { LintPlace($0, in: source) }
        placeOf = { capability, set in
            config.value(at: "/process/capabilities/\(set)")?.elements.first {
                $0.stringValue.flatMap { Capability(lenientName: $0) } == capability
            }.map { LintPlace($0, in: source) }
        }
        variant = nil
        layerOf = { _ in nil }
        guard let section = config.value(at: "/linux/seccomp"), !section.isNull else {
            filter = nil
            return
        }
        var told: [LintFinding] = []
        filter = LocatedFilter(
            ManifestNode(section, in: nil), in: source, capabilities: nil, on: architecture, tell: { told.append($0) })
        if let error = told.first(where: { $0.rule == .unreadableFilter }) {
            throw .unreadableFilter("\(error.place): \(error.message)")
        }
    }

    /// For a profile, as it is for a process of root's. `chain` has its layers; `kernel` is the host's, or nil for a new
    /// one.
    package init(
        _ profile: ResolvedProfile, chain: [Profile], on architecture: SeccompArchitecture,
        kernel: KernelVersion? = nil
    ) {
        self.architecture = architecture
        let places = ProfilePlaces(profile)
        capabilities = profile.processCapabilities(uid: 0)
        noNewPrivileges = profile.noNewPrivileges
        appArmorProfile = profile.appArmorProfile
        filter = profile.seccomp.map { LocatedFilter($0, of: profile) }
        capabilityPlace = LintPlace(profile: profile.name.description, pointer: "/capabilities/base")
        filterPlace = places.seccomp
        placeOf = { capability, set in
            guard set != "inheritable", set != "ambient" else { return nil }
            return places.place(of: capability)
        }
        layerOf = { places.layer(of: $0) }
        variant = { capability, hasIt in
            let named = CapabilityRequest(named: [capability], isAll: false)
            let changes =
                hasIt
                ? CapabilityChanges(added: named, dropped: .none) : CapabilityChanges(added: .none, dropped: named)
            // Best effort: a chain that was resolved once is resolved again.
            return (try? ResolvedProfile(chain, changes: changes, on: architecture, kernel: kernel)) ?? profile
        }
    }

    // Capabilities

    /// Whether the process can use a capability.
    package func explain(_ capability: Capability) -> Explanation {
        var causes: [Explanation.Cause] = []
        let isBound = capabilities.bounding.contains(capability)
        let isEffective = capabilities.effective.contains(capability)
        if isBound {
            causes.append(
                .init(
                    "capabilities", at: placeOf(capability, "bounding"),
                    "\(capability.name) is in the bounding set"
                        + LintText.layer(layerOf(capability))))
            if isEffective {
                causes.append(.init("capabilities", at: placeOf(capability, "effective"), "it is in force (effective)"))
            } else {
                causes.append(
                    .init(
                        "capabilities", at: capabilityPlace,
                        noNewPrivileges
                            ? "it isn't in force (effective), and no_new_privs keeps programs from gaining it"
                            : "it isn't in force (effective); a program with file capabilities or set-user-ID root can "
                                + "gain it"))
            }
        } else {
            causes.append(
                .init(
                    "capabilities", at: layerOf(capability) == nil ? capabilityPlace : placeOf(capability, "bounding"),
                    "\(capability.name) isn't in the bounding set" + LintText.layer(layerOf(capability))))
        }
        if let filter, isBound {
            let calls = CapabilityCalls.calls(of: capability).filter {
                SyscallTable.number(of: $0, on: architecture) != nil
            }
            let refused = calls.filter(filter.isRefused)
            if let first = refused.first {
                let place = filter.outcomes(of: first).first { $0.action.reach == .refuses }?.rule?.place(of: first)
                causes.append(
                    .init(
                        "seccomp", at: place ?? filter.defaultPlace,
                        "of the calls that it is for the filter refuses \(LintText.list(refused))"))
            }
        }
        let allowed = isBound && (isEffective || !noNewPrivileges && capabilities.permitted.contains(capability))
        return Explanation("capability \(capability.name)", allowed ? .allowed : .refused, causes)
    }

    // Syscalls

    /// Whether the process can make a call. Of `arguments` those that are known are given, by their index from 0.
    package func explain(call name: String, arguments: [Int: UInt64]) throws(QuestionError) -> Explanation {
        guard SyscallTable.contains(name) else {
            throw .unknownCall(name, nearest: NearestName.suggest(name, among: SyscallTable.names(on: architecture)))
        }
        guard SyscallTable.number(of: name, on: architecture) != nil else {
            throw .notOnArchitecture(name, architecture.rawValue)
        }
        var explanation = Explanation(question(name, arguments), .allowed, [])
        explainFilter(name, arguments, in: &explanation)
        if let capability = CapabilityCalls.required(by: name) {
            if capabilities.effective.contains(capability) {
                explanation.causes.append(
                    .init(
                        "capabilities", at: placeOf(capability, "effective"),
                        "\(capability.name), without which it fails with EPERM, is in force"))
            } else {
                // What the filter says first is what the process sees.
                let cause = Explanation.Cause(
                    "capabilities", at: capabilityPlace, "it needs \(capability.name), which the process hasn't (EPERM)"
                )
                if explanation.verdict == .allowed {
                    explanation.causes.insert(cause, at: 0)
                } else {
                    explanation.causes.append(cause)
                }
                explanation.verdict = .refused
            }
        } else {
            let missing = CapabilityCalls.partlyRequired(by: name).filter { !capabilities.effective.contains($0) }
            if !missing.isEmpty {
                explanation.causes.append(
                    .init(
                        "capabilities", at: capabilityPlace,
                        "some uses of it need \(missing.map(\.name).joined(separator: " or ")), which the process hasn't"
                    ))
            }
        }
        if let appArmorProfile {
            explanation.causes.append(
                .init("apparmor", at: nil, "what AppArmor profile \(quoted(appArmorProfile)) refuses isn't looked at"))
        }
        return explanation
    }

    private func question(_ name: String, _ arguments: [Int: UInt64]) -> String {
        let shown = arguments.sorted { $0.key < $1.key }.map { "argument \($0.key) = 0x\(String($0.value, radix: 16))" }
        return "syscall \(name)" + (shown.isEmpty ? "" : " with " + shown.joined(separator: ", "))
            + " on \(architecture.rawValue)"
    }

    private func explainFilter(_ name: String, _ arguments: [Int: UInt64], in explanation: inout Explanation) {
        guard let filter else {
            explanation.causes.append(.init("seccomp", at: filterPlace, "there is no seccomp filter"))
            return
        }
        // A filter without a list is for what it runs on.
        guard filter.architectures.isEmpty || filter.architectures.contains(architecture) else {
            explanation.verdict = .refused
            explanation.causes.append(
                .init(
                    "seccomp", at: filter.place,
                    "the filter isn't for \(architecture.rawValue): a process of it is killed at its first call"))
            return
        }
        let outcomes = filter.outcomes(of: name, arguments: arguments)
        for (position, outcome) in outcomes.enumerated() {
            let isLast = position == outcomes.count - 1
            var text = LintText.action(outcome)
            if let rule = outcome.rule {
                let conditions = rule.rule.conditions.filter { arguments[$0.index] == nil }
                if !conditions.isEmpty { text += " where " + conditions.map(\.text).joined(separator: " and ") }
                text += ", by a rule for \(name)" + LintText.layer(rule.layer)
            } else {
                text += isLast && outcomes.count > 1 ? " else, by the default action" : ", by the default action"
                text += LintText.layer(filter.defaultLayer)
            }
            explanation.causes.append(
                .init("seccomp", at: outcome.rule?.place(of: name) ?? filter.defaultPlace, text))
        }
        let reaches = outcomes.map { $0.action.reach == .permits }
        explanation.verdict = reaches.allSatisfy { $0 } ? .allowed : reaches.contains(true) ? .depends : .refused
        explainLifting(name, arguments, in: &explanation)
    }

    /// Says which capability changes a profile's verdict.
    private func explainLifting(
        _ name: String, _ arguments: [Int: UInt64], in explanation: inout Explanation
    ) {
        guard let variant else { return }
        func permits(_ profile: ResolvedProfile) -> Bool {
            guard let filter = profile.seccomp else { return true }
            return LocatedFilter(filter, of: profile).outcomes(of: name, arguments: arguments).allSatisfy {
                $0.action.reach == .permits
            }
        }
        let isPermitted = explanation.verdict == .allowed
        // Only such capabilities can matter as the call is for.
        let candidates = (CapabilityCalls.required + CapabilityCalls.partly).filter { $0.calls.contains(name) }
        for capability in candidates.map(\.capability)
        where capabilities.bounding.contains(capability) == isPermitted {
            guard permits(variant(capability, !isPermitted)) != isPermitted else { continue }
            explanation.causes.append(
                .init(
                    "seccomp", at: isPermitted ? placeOf(capability, "bounding") : nil,
                    isPermitted
                        ? "the filter would refuse it without \(capability.name), which lifts the refusal"
                        : "\(capability.name) would lift the refusal: --cap-add \(capability.name)"))
        }
    }
}

extension SeccompCondition {
    /// The condition as C would say it.
    package var text: String {
        func hex(_ value: UInt64) -> String { value < 1024 ? String(value) : "0x" + String(value, radix: 16) }
        let argument = "arg\(index)"
        return switch comparison {
        case .notEqual: "\(argument) != \(hex(value))"
        case .less: "\(argument) < \(hex(value))"
        case .lessOrEqual: "\(argument) <= \(hex(value))"
        case .equal: "\(argument) == \(hex(value))"
        case .greaterOrEqual: "\(argument) >= \(hex(value))"
        case .greater: "\(argument) > \(hex(value))"
        case .maskedEqual: "\(argument) & \(hex(value)) == \(hex(valueTwo))"
        }
    }
}
