package import OCISpec

/// What is converted: a profile, a bundle, or a seccomp list alone.
package struct ConversionSource: Sendable {
    /// What is known of the AppArmor profile beside its name.
    package enum AppArmorContent: Equatable, Sendable {
        /// Nothing: it is somebody else's.
        case unknown
        /// A text that isn't made of rules.
        case text(String)
        /// The rules that it is made of. Whether it only tells is its name's to say.
        case rules(AppArmorRules)
    }

    /// A name for files and resources.
    package var name: String
    /// What it is for, in a line.
    package var description: String?
    /// All that it decides. Of a seccomp list the filter alone means something.
    package var security: BundleSecurity
    /// Whether it is a seccomp list, which says nothing of anything else.
    package var isSeccompAlone: Bool
    /// The user of the process; 0 for a profile, which is for any.
    package var uid: UInt32
    /// Of a profile, the capabilities that a process of another user than root keeps; nil for a bundle.
    package var ambientForOthers: CapabilitySet?
    /// What is known of the AppArmor profile.
    package var appArmorContent: AppArmorContent
    /// Whether the AppArmor profile only tells what it would refuse (`spec.apparmor.mode: complain`).
    package var appArmorIsComplaining = false
    /// What of the container's files the profile decides on; of a bundle nothing, as they stay in it.
    package var paths = ProfilePaths()

    /// Describes a profile.
    package init(_ profile: ResolvedProfile, description: String?, appArmor: AppArmorContent) {
        name = profile.name.description
        self.description = description
        security = BundleSecurity(profile, uid: 0)
        isSeccompAlone = false
        uid = 0
        ambientForOthers = profile.processCapabilities(uid: 1).ambient
        appArmorIsComplaining = profile.appArmorIsComplaining
        paths = profile.paths
        appArmorContent = appArmor
    }

    /// Describes a bundle, or with `isSeccompAlone` a seccomp list.
    package init(
        named name: String, _ security: BundleSecurity, uid: UInt32, isSeccompAlone: Bool, appArmor: AppArmorContent
    ) {
        self.name = name
        self.security = security
        self.isSeccompAlone = isSeccompAlone
        self.uid = uid
        appArmorContent = appArmor
    }

    /// The name of the AppArmor profile in a manifest, which says complain elsewhere.
    var plainAppArmorName: String? {
        security.appArmorProfile.map { appArmorIsComplaining ? AppArmorText.plainName(of: $0) : $0 }
    }

    /// The name for an object of Kubernetes: a DNS subdomain of letters, digits, `-` and `.`.
    var resourceName: String { ConversionSource.resourceName(name) }

    static func resourceName(_ name: String) -> String {
        var text = String(
            decoding: name.lowercased().utf8.map { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."):
                    byte
                default: UInt8(ascii: "-")
                }
            }, as: UTF8.self)
        text = text.split(separator: ".").map { part in
            var part = part
            while part.first == "-" { part.removeFirst() }
            while part.last == "-" { part.removeLast() }
            return String(part)
        }.filter { !$0.isEmpty }.joined(separator: ".")
        return text.isEmpty ? "profile" : text
    }
}
