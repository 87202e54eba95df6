import LosslessJSON
import OCISpec
import ProfileRegistry
import SecurityProfile

/// A profile in YAML or JSON, all the way to what it comes to; or a document of somebody else's that becomes one.
struct ManifestTarget {
    let text: [UInt8]

    init(_ text: [UInt8]) { self.text = text }

    func follow(_ choice: UInt8) {
        let source = choice & 1 == 0 ? "fuzz.yaml" : "fuzz.json"
        do {
            if choice & 2 == 0 {
                try followProfile(try ManifestText.parse(text, source: source))
            } else {
                try followImport(try ManifestText.documents(text, source: source))
            }
        } catch {
            expectTold(error)
        }
    }

    /// An error is one line, and says where.
    private func expectTold(_ error: ProfileError) {
        expectOneLine(error.description)
        if case .manifest(let place, let message, _) = error {
            let lines = text.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
            expect(place.line >= 1 && (place.column ?? 1) >= 1, "lines and columns count from 1: \(place)")
            // YAML has line breaks of its own beside these (U+0085, U+2028, U+2029).
            let others = String(decoding: text, as: UTF8.self).unicodeScalars.count {
                ["\u{85}", "\u{2028}", "\u{2029}"].contains($0)
            }
            expect(place.line <= lines + others + 2, "the place is inside: \(place) of \(lines) lines")
            expect(!message.isEmpty, "something is said of \(place)")
        }
    }

    private func profile(_ node: ManifestNode) throws(ProfileError) -> Profile {
        try Profile(manifest: node, origin: .file("fuzz")) { (file: String) throws(ProfileError) -> ManifestNode in
            // One that is there, as an import asks for, and none.
            guard file.hasPrefix("./") else { throw .file("\(quoted: file): ENOENT") }
            return try ManifestText.parse(Array(#"{"defaultAction":"SCMP_ACT_ERRNO"}"#.utf8), source: "list.json")
        }
    }

    private func resolved(_ profile: Profile) throws(ProfileError) -> (chain: [Profile], ResolvedProfile) {
        let chain = try Profile.chain(of: profile.name) { (name: ProfileName) throws(ProfileError) -> Profile in
            if name == profile.name { return profile }
            guard let other = try BuiltInProfiles.profile(named: name) else {
                throw .unknownProfile(name.description, nearest: nil)
            }
            return other
        }
        return (chain, try ResolvedProfile(chain, on: .amd64))
    }

    private func followProfile(_ node: ManifestNode) throws(ProfileError) {
        let profile = try profile(node)
        let (chain, found) = try resolved(profile)
        expect(chain.last?.name == profile.name, "a chain ends with the profile")
        for uid in [UInt32(0), 1000] {
            let sets = found.processCapabilities(uid: uid)
            expect(sets.bounding == found.capabilities, "the bounding set is what the profile gives")
            for set in [sets.effective, sets.permitted, sets.inheritable, sets.ambient] {
                expect(set.intersection(found.capabilities) == set, "no set has more than the profile gives")
            }
        }
        for finding in Lint.findings(in: found, chain: chain) { expectOneLine(finding.message) }
        let source = ConversionSource(found, description: profile.description, appArmor: .unknown)
        for target in ConversionTarget.allCases {
            let conversion = Conversion(source, to: target, attachmentsIn: "/out")
            for loss in conversion.losses { expectOneLine(loss.description) }
            if target == .raind, conversion.losses.isEmpty { expectSame(conversion, found) }
        }
    }

    /// What is written as a manifest, without a loss, comes to the same.
    private func expectSame(_ conversion: Conversion, _ found: ResolvedProfile) {
        guard case .yaml(let documents, _) = conversion.document, let document = documents.first else {
            return expect(false, "a manifest is a YAML document")
        }
        do {
            let again = try resolved(try profile(try ManifestText.parse(document.text(), source: "again.json"))).1
            expect(again.capabilities == found.capabilities, "the manifest gives the same capabilities")
            expect(again.noNewPrivileges == found.noNewPrivileges, "and no_new_privs")
            expect(again.appArmorProfile == found.appArmorProfile, "and the AppArmor profile")
            expect(again.selinuxLabel == found.selinuxLabel, "and the SELinux label")
            expect(again.paths == found.paths, "and the paths")
            expect((again.seccomp == nil) == (found.seccomp == nil), "and a filter")
            for uid in [UInt32(0), 1000] {
                expect(
                    again.processCapabilities(uid: uid) == found.processCapabilities(uid: uid), "and the sets of \(uid)"
                )
            }
        } catch {
            expect(false, "the manifest that was written can't be read: \(error)")
        }
    }

    /// What was imported is a manifest that can be read.
    private func followImport(_ documents: [ManifestNode]) throws(ProfileError) {
        let imported = try ManifestImport(documents, as: nil, named: nil, fallback: "fuzz", container: nil)
        for note in imported.notes { expectOneLine(note) }
        do {
            let node = try ManifestText.parse(imported.manifest.text(), source: "imported.json")
            _ = try resolved(try profile(node))
        } catch {
            expect(false, "what was imported can't be read: \(error)")
        }
    }
}

extension String.StringInterpolation {
    fileprivate mutating func appendInterpolation(quoted text: String) { appendLiteral(String(text.debugDescription)) }
}
