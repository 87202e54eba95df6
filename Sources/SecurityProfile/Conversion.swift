package import LosslessJSON
import OCISpec

/// A profile in another form, and what that form can't say.
package struct Conversion: Sendable {
    /// Something that the target can't express.
    package struct Loss: Equatable, Sendable, CustomStringConvertible {
        /// What of the profile.
        package let point: String
        /// Why it is lost, and what holds instead.
        package let reason: String

        /// `POINT: REASON`.
        package var description: String { "\(point): \(reason)".oneLine }
    }

    /// A file that stands beside the result.
    package struct Attachment: Equatable, Sendable {
        /// Its name in the folder.
        package let name: String
        /// What it says.
        package let content: Content

        /// What an attachment says.
        package enum Content: Equatable, Sendable {
            /// A JSON document.
            case json(JSONValue)
            /// Text.
            case text(String)
        }
    }

    /// The result itself.
    package enum Document: Equatable, Sendable {
        /// A JSON document.
        case json(JSONValue)
        /// YAML documents, and lines above them for people.
        case yaml([JSONValue], remarks: [String])
        /// Words of a command line.
        case options([String])
    }

    /// What was converted.
    package let source: ConversionSource
    /// The result.
    package private(set) var document = Document.options([])
    /// The files that the result names.
    package private(set) var attachments: [Attachment] = []
    /// What the target can't express, in the order of the manifest's keys.
    package private(set) var losses: [Loss] = []
    /// What a person should know who uses the result.
    package private(set) var notes: [String] = []

    /// Converts `source`. `folder` is where the attachments will be, an absolute path, for options that name them;
    /// `version` is that of Kubernetes, or nil for today's.
    package init(
        _ source: ConversionSource, to target: ConversionTarget, attachmentsIn folder: String,
        kubernetes version: KubernetesVersion? = nil
    ) {
        self.source = source
        loseSupervisor()
        switch target {
        case .oci: convertToOCI()
        case .docker: convertToOptions(of: .docker, attachmentsIn: folder)
        case .podman: convertToOptions(of: .podman, attachmentsIn: folder)
        case .spo: convertToSecurityProfilesOperator()
        case .kubernetes: convertToKubernetes(version: version)
        case .raind: convertToManifest()
        }
    }

    // What the forms have in common.

    var security: BundleSecurity { source.security }

    mutating func lose(_ point: String, _ reason: String) { losses.append(Loss(point: point, reason: reason)) }

    mutating func note(_ text: String) { notes.append(text) }

    mutating func attach(_ name: String, _ content: Attachment.Content) {
        attachments.append(Attachment(name: name, content: content))
    }

    mutating func finish(_ document: Document) { self.document = document }

    /// No form names the socket of a supervisor: it is the host's, not the profile's.
    private mutating func loseSupervisor() {
        guard let filter = security.seccomp else { return }
        if ([filter.defaultAction] + filter.rules.map(\.action)).contains(.notify) {
            lose(
                "seccomp SCMP_ACT_NOTIFY",
                "the supervisor's socket is no part of a profile; without one the calls fail with ENOSYS")
        }
    }

    private mutating func convertToOCI() {
        if let filter = security.seccomp {
            finish(.json(filter.json))
        } else {
            loseAbsentFilter(instead: "linux.seccomp")
            finish(.json(SeccompFilter(defaultAction: .allow).json))
        }
        if !source.isSeccompAlone {
            note(
                "this is linux.seccomp alone; capabilities, no_new_privs and AppArmor stand elsewhere in config.json: "
                    + "raind-profile apply writes all of them")
        }
    }

    mutating func loseAbsentFilter(instead member: String) {
        lose(
            "seccomp unconfined",
            "no document says that there is no filter: leave \(member) out; written is one that "
                + "allows everything")
    }

    /// Says how the sets of a bundle differ from what a form makes of a list of capabilities: all of them for root, and
    /// `others` for another user.
    mutating func loseCapabilitySets(others: CapabilitySet, means: String) {
        let sets = security.capabilities
        let expected = source.uid == 0 ? sets.bounding : others
        for (name, set) in [("effective", sets.effective), ("permitted", sets.permitted)] where set != expected {
            lose("capabilities.\(name)", "the set isn't what \(means)")
        }
        let kept: CapabilitySet = source.uid == 0 ? [] : others
        for (name, set) in [("inheritable", sets.inheritable), ("ambient", sets.ambient)] where set != kept {
            lose("capabilities.\(name)", "the set isn't what \(means)")
        }
    }

    /// What a form that leaves masked and read-only paths to its engine can't say of them.
    mutating func losePaths(_ why: String) {
        for (name, paths) in [("masked", source.paths.masked), ("readonly", source.paths.readonly)] where paths != nil {
            lose("paths.\(name)", why)
        }
    }

    /// Whether the profile leaves nothing masked and nothing read-only of what engines protect.
    var uncoversSystemPaths: Bool { source.paths.masked == [] && source.paths.readonly == [] }

    /// The AppArmor profile's text, as a file to be loaded; the file's name.
    mutating func attachAppArmor() -> String? {
        guard let name = security.appArmorProfile else { return nil }
        let text: String
        switch source.appArmorContent {
        case .unknown:
            note("AppArmor profile \(name) must be loaded where the container runs")
            return nil
        case .text(let known): text = known
        case .rules(let rules):
            do throws(AppArmorTextError) {
                let plainName = source.plainAppArmorName ?? name
                let enforcing = try AppArmorText.generated(plainName, rules: rules)
                text = source.appArmorIsComplaining ? AppArmorText.auditing(enforcing, named: plainName) : enforcing
            } catch {
                lose("apparmor.rules", "\(error)")
                return nil
            }
        }
        let file = "\(source.name).apparmor"
        attach(file, .text(text))
        note("AppArmor profile \(name) must be loaded where the container runs: apparmor_parser --replace \(file)")
        return file
    }

    /// The parts of an SELinux label: user, role, type and level; nil where the label isn't four parts.
    func selinuxParts(_ label: String) -> [String]? {
        let parts = label.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        return parts.count == 4 && parts.allSatisfy { !$0.isEmpty } ? parts : nil
    }

    /// A capability's name without CAP_.
    func shortNames(_ set: CapabilitySet) -> [String] { set.names.map { String($0.dropFirst(4)) } }
}
