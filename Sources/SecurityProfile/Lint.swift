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
        on architecture: SeccompArchitecture, kernel: KernelVersion? = nil
    ) -> [LintFinding] {
        var findings: [LintFinding] = []
        let filter = LocatedFilter(
            list, in: source, capabilities: capabilities, on: architecture, kernel: kernel,
            tell: { findings.append($0) })
        if let filter {
            // Which capabilities the container has isn't known; none is granted for nothing.
            var linter = FilterLinter(filter, noNewPrivileges: nil, capabilities: nil)
            linter.run()
            findings += linter.findings
        }
        return findings.sorted
    }

    /// What there is to say of a profile by what it comes to. `chain` has its layers, the outermost ancestor first.
    package static func findings(in profile: ResolvedProfile, chain: [Profile]) -> [LintFinding] {
        let places = ProfilePlaces(profile)
        var findings: [LintFinding] = []
        if let finding = LintBaseline.finding(
            profile.capabilities, at: { beyond in beyond.first { _ in true }.map(places.place) ?? places.seccomp })
        {
            findings.append(finding)
        }
        if !profile.noNewPrivileges {
            findings.append(LintFinding(.newPrivileges, at: places.noNewPrivileges, "noNewPrivileges isn't true"))
        }
        if profile.appArmorProfile == nil {
            findings.append(LintFinding(.appArmorAbsent, at: places.appArmor, "no AppArmor profile is named"))
        }
        if profile.appArmorIsComplaining {
            findings.append(
                LintFinding(.auditedProfile, at: places.appArmor, "the AppArmor profile is in complain mode"))
        }
        for layer in chain {
            for capability in layer.capabilities.added.named.intersection(layer.capabilities.dropped.named) {
                let place = layer.places.dropped[capability].map { LintPlace($0, in: layer.name.description) }
                findings.append(
                    LintFinding(
                        .addedAndDropped,
                        at: place ?? LintPlace(profile: layer.name.description, pointer: "/spec/drop-cap"),
                        "\(capability.name) is added and dropped"))
            }
        }
        if let filter = profile.seccomp {
            var linter = FilterLinter(
                LocatedFilter(filter, of: profile), noNewPrivileges: profile.noNewPrivileges,
                capabilities: profile.capabilities)
            linter.run()
            findings += linter.findings
        } else {
            findings.append(LintFinding(.filterAbsent, at: places.seccomp, "there is no seccomp filter"))
        }
        return findings.sorted
    }
}
