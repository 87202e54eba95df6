import OCISpec

/// Where what a resolved profile says stands: in a line of a manifest or of the list that it names, for what is built in of
/// the files in `profiles/`. For what none of them says the pointer into what `show -o json` prints is the place.
struct ProfilePlaces: Sendable {
    private let name: String
    private let provenance: Provenance

    init(_ profile: ResolvedProfile) {
        name = profile.name.description
        provenance = profile.provenance
    }

    /// The place of a decision; `pointer` is for what no manifest says.
    private func place(_ decision: Provenance.Decision?, _ pointer: String) -> LintPlace {
        guard let place = decision?.place else {
            return LintPlace(profile: name, pointer: pointer)
        }
        return LintPlace(place, in: name)
    }

    /// Who added a capability, or dropped it.
    func place(of capability: Capability) -> LintPlace {
        place(provenance.capabilities[capability], "/capabilities/base")
    }

    /// Which layer added a capability, or dropped it.
    func layer(of capability: Capability) -> String? {
        provenance.capabilities[capability].map { "\($0.layer)" }
    }

    /// Who decided about no_new_privs.
    var noNewPrivileges: LintPlace { place(provenance.noNewPrivileges, "/noNewPrivileges") }

    /// Who decided about AppArmor.
    var appArmor: LintPlace { place(provenance.appArmor, "/apparmorProfile") }

    /// Who decided about the filter.
    var seccomp: LintPlace { place(provenance.seccomp, "/seccomp") }

    /// Whose masked paths they are.
    var maskedPaths: LintPlace { place(provenance.maskedPaths, "/paths/masked") }

    /// Whose read-only paths they are.
    var readonlyPaths: LintPlace { place(provenance.readonlyPaths, "/paths/readonly") }

    /// Whose default action it is.
    var defaultAction: LintPlace { place(provenance.seccompDefault, "/seccomp/defaultAction") }

    /// Which layer's default action it is.
    var defaultLayer: String? { provenance.seccompDefault.map { "\($0.layer)" } }

    /// The rule at `index` of the filter.
    func place(of rule: SeccompRule, at index: Int) -> LintPlace {
        place(origin(of: rule), "/seccomp/syscalls/\(index)")
    }

    /// Which layer a rule comes from.
    func layer(of rule: SeccompRule) -> String? { origin(of: rule).map { "\($0.layer)" } }

    /// The decision that a rule of the filter is made of. What an intersection or a child has changed isn't the rule that
    /// was written any more; then it is the last that speaks of the call.
    private func origin(of rule: SeccompRule) -> Provenance.Decision? {
        guard let origins = rule.names.first.flatMap({ provenance.syscalls[$0] }) else { return nil }
        return origins.first { $0.rule == rule }?.decision
            ?? origins.last { $0.rule.action == rule.action && $0.rule.conditions == rule.conditions }?.decision
            ?? origins.last?.decision
    }
}
