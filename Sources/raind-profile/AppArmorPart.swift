import OCISpec
import ProfileRegistry
import SecurityProfile

/// The AppArmor part of a profile: a name, and a text where it is ours.
struct AppArmorPart {
    /// The name in AppArmor.
    let name: String
    /// The text; nil where the profile is somebody else's.
    let text: String?

    /// The part of the profile that `name` names, or of the AppArmor profile of that name itself; nil if it has none.
    /// With `isAudit` it is the form that only tells.
    init?(named name: String, isAudit: Bool) throws(CommandFailure) {
        var part: (name: String, text: String?)
        if let text = BuiltInProfiles.appArmorProfile(named: name) {
            part = (name, text)
        } else {
            let resolution = try Resolution(name, changes: .none, architecture: SeccompArchitecture.native ?? .amd64)
            guard let wanted = resolution.profile.appArmorProfile else { return nil }
            part = (wanted, try Self.text(of: wanted, resolution.profile))
        }
        if isAudit {
            part.text = part.text.map { [name = part.name] in AppArmorText.auditing($0, named: name) }
            part.name = ResolvedProfile.complainName(of: part.name)
        }
        self.name = part.name
        text = part.text
    }

    private static func text(of name: String, _ profile: ResolvedProfile) throws(CommandFailure) -> String? {
        BuiltInProfiles.appArmorProfile(named: name)
    }

    /// What is known of the AppArmor profile of `profile`.
    static func content(of name: String?) -> ConversionSource.AppArmorContent {
        guard let name, let text = BuiltInProfiles.appArmorProfile(named: name) else { return .unknown }
        return .text(text)
    }
}
