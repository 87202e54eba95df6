import LosslessJSON
import OCISpec
import SecurityProfile

/// Whether a bundle still says what the profile says that its annotation names.
struct AppliedProfileCheck {
    private let stamp: AppliedStamp
    private let promise: SecurityPromise
    private let architecture: SeccompArchitecture

    /// The points that come of it.
    static func points(
        _ promise: SecurityPromise, on architecture: SeccompArchitecture
    ) throws(CommandFailure) -> [SecurityStatus.Point] {
        guard let text = promise.stamp else { return [] }
        guard let stamp = AppliedStamp(text) else {
            return [
                .init("profile", promised: .string(text), .drift, remark: "the annotation is none that apply writes")
            ]
        }
        return try AppliedProfileCheck(stamp: stamp, promise: promise, architecture: architecture).points()
    }

    private func points() throws(CommandFailure) -> [SecurityStatus.Point] {
        var point = SecurityStatus.Point("profile", promised: .string(stamp.text), .drift)
        let now: ResolvedProfile
        do throws(CommandFailure) {
            now = try resolved(.none)
        } catch {
            point.remark = error.message
            return [point]
        }
        let applied = try whatWasApplied(now)
        let current = AppliedStamp(
            name: stamp.name, digest: try digest(applied?.profile ?? now), isAudit: stamp.isAudit,
            isTightened: stamp.isTightened)
        point.inForce = .string(current.text)
        point.verdict = applied == nil ? .drift : .same
        point.remark = applied?.remark ?? "the profile is not what it was when it was applied"
        return [point, try configuration(applied?.profile ?? now)]
    }

    private func resolved(_ changes: CapabilityChanges) throws(CommandFailure) -> ResolvedProfile {
        try Resolution(stamp.name.description, changes: changes, architecture: architecture).profile
    }

    private func digest(_ profile: ResolvedProfile) throws(CommandFailure) -> String {
        try failing { () throws(JSONValue.CanonicalError) in try ProfileDigest.text(of: profile) }
    }

    /// The profile as it was when the annotation was written, as far as the digest tells: as it is, without AppArmor, and
    /// with the capabilities that the command line may have added or dropped.
    private func whatWasApplied(
        _ now: ResolvedProfile
    ) throws(CommandFailure) -> (profile: ResolvedProfile, remark: String?)? {
        var candidates: [(ResolvedProfile, String?)] = [(now, nil)]
        let bounding = promise.security.capabilities.bounding
        let added = bounding.subtracting(now.capabilities)
        let dropped = now.capabilities.subtracting(bounding)
        if !stamp.isTightened, !added.isEmpty || !dropped.isEmpty {
            // Best effort: names of capabilities are names of capabilities.
            let changes = try? CapabilityChanges(
                adding: CapabilityRequest(added.names, option: "--cap-add"),
                dropping: CapabilityRequest(dropped.names, option: "--cap-drop"))
            if let changes {
                let words = added.names.map { "--cap-add \($0)" } + dropped.names.map { "--cap-drop \($0)" }
                candidates.append((try resolved(changes), "with " + words.joined(separator: " ")))
            }
        }
        for (profile, remark) in candidates {
            if try digest(profile) == stamp.digest { return (profile, remark) }
            guard profile.appArmorProfile != nil else { continue }
            var plain = profile
            plain.appArmorProfile = nil
            if try digest(plain) == stamp.digest {
                return (plain, (remark.map { $0 + ", " } ?? "") + "without AppArmor")
            }
        }
        return nil
    }

    /// Whether the configuration says what the profile says.
    private func configuration(_ profile: ResolvedProfile) throws(CommandFailure) -> SecurityStatus.Point {
        let wanted = BundleSecurity(stamp.isAudit ? profile.audited : profile, uid: promise.uid)
        // What the profile leaves to the bundle is as the bundle has it.
        let masked = promise.security.paths.masked ?? []
        let readOnly = promise.security.paths.readonly ?? []
        let wantedPaths = ConfinedPaths(
            masked: wanted.paths.masked ?? masked, readOnly: wanted.paths.readonly ?? readOnly)
        let comparison = SecurityComparison(
            try side(wanted, wantedPaths, leavesLabel: profile.selinuxLabel == nil),
            try side(promise.security, ConfinedPaths(masked: masked, readOnly: readOnly), leavesLabel: true),
            on: [architecture])
        var isSame = comparison.isEqual
        if stamp.isTightened {
            // Names that the engine's configuration had before stay, and so does what it refuses.
            isSame =
                comparison.widened.isEmpty && comparison.seccomp.widened.isEmpty && comparison.seccomp.undecided.isEmpty
        }
        return .init(
            "configuration", isSame ? .same : .drift,
            remark: isSame
                ? (stamp.isTightened ? "refuses more than the profile, as it did before" : nil)
                : DriftText.of(comparison))
    }

    private func side(
        _ security: BundleSecurity, _ paths: ConfinedPaths, leavesLabel: Bool
    ) throws(CommandFailure) -> SecurityComparison.Side {
        SecurityComparison.Side(
            security: security, paths: paths, leavesLabel: leavesLabel,
            filters: try security.seccomp.map { filter throws(CommandFailure) in [try filter.machine(on: architecture)]
            } ?? [])
    }
}
