package import LosslessJSON
package import OCISpec

/// Looks for what is wrong, superfluous or open. What it looks for is in ``LintRule``.
package enum Lint {
    /// What there is to say of a bundle's configuration; `source` is its path.
    package static func findings(
        inBundle config: JSON, named source: String, on architecture: SeccompArchitecture
    ) -> [LintFinding] {
        var linter = BundleLinter(config, named: source, on: architecture)
        linter.run()
        return linter.findings.sorted
    }

    /// What there is to say of a seccomp list in Docker's or OCI's form, as a container with these capabilities has it.
    package static func findings(
        inSeccompList list: ManifestNode, named source: String, capabilities: CapabilitySet,
        on architecture: SeccompArchitecture
    ) -> [LintFinding] {
        var findings: [LintFinding] = []
        let filter = LocatedFilter(
            list, in: source, capabilities: capabilities, on: architecture, tell: { findings.append($0) })
        if let filter {
            // Which capabilities the container has isn't known; none is granted for nothing.
            var linter = FilterLinter(filter, noNewPrivileges: nil, capabilities: nil)
            linter.run()
            findings += linter.findings
        }
        return findings.sorted
    }

    /// What there is to say of a profile by what it comes to. `chain` has its layers, the outermost ancestor first;
    /// `documents` what the last of them was read from, so that findings name its lines.
    package static func findings(
        in profile: ResolvedProfile, chain: [Profile], documents: ManifestDocuments? = nil,
        on architecture: SeccompArchitecture
    ) -> [LintFinding] {
        let name = profile.name.description
        func place(_ pointer: String) -> LintPlace { LintPlace(profile: name, pointer: pointer) }
        var findings: [LintFinding] = []
        if let finding = LintBaseline.finding(profile.capabilities, at: place, "/capabilities/base") {
            findings.append(finding)
        }
        if !profile.noNewPrivileges {
            findings.append(LintFinding(.newPrivileges, at: place("/noNewPrivileges"), "noNewPrivileges isn't true"))
        }
        if profile.appArmorProfile == nil {
            findings.append(LintFinding(.appArmorAbsent, at: place("/apparmorProfile"), "no AppArmor profile is named"))
        }
        findings += addedAndDropped(chain, documents)
        if let filter = profile.seccomp {
            var linter = FilterLinter(
                located(filter, profile, documents, architecture), noNewPrivileges: profile.noNewPrivileges,
                capabilities: profile.capabilities)
            linter.run()
            findings += linter.findings
        } else {
            findings.append(LintFinding(.filterAbsent, at: place("/seccomp"), "there is no seccomp filter"))
        }
        guard let documents else { return findings.sorted }
        return findings.map { finding in
            guard !finding.place.isFile, finding.place.source == name, let pointer = finding.place.pointer else {
                return finding
            }
            return LintFinding(
                finding.rule, at: documents.place(of: pointer), severity: finding.severity, finding.message)
        }.sorted
    }

    private static func addedAndDropped(_ chain: [Profile], _ documents: ManifestDocuments?) -> [LintFinding] {
        var findings: [LintFinding] = []
        for (position, layer) in chain.enumerated() {
            for capability in layer.capabilities.added.named.intersection(layer.capabilities.dropped.named) {
                let own = position == chain.count - 1 ? documents?.place(ofDropped: capability) : nil
                findings.append(
                    LintFinding(
                        .addedAndDropped,
                        at: own ?? LintPlace(profile: layer.name.description, pointer: "/spec/drop-cap"),
                        "\(capability.name) is added and dropped"))
            }
        }
        return findings
    }

    /// The filter with the lines of the list that the manifest names, where it is what the list says and no more.
    private static func located(
        _ filter: SeccompFilter, _ profile: ResolvedProfile, _ documents: ManifestDocuments?,
        _ architecture: SeccompArchitecture
    ) -> LocatedFilter {
        if let list = documents?.list,
            let located = LocatedFilter(
                list, in: "", capabilities: profile.capabilities, on: architecture, tell: { _ in }),
            located.rules.map(\.rule) == filter.rules, located.defaultAction == filter.defaultAction,
            located.architectures == filter.architectures
        {
            return located
        }
        return LocatedFilter(filter, profile: profile.name.description)
    }
}
