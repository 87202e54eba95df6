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
        if let text = BuiltInProfiles.appArmorProfile(named: name) {
            self.init(name, text, isAudit: isAudit)
            return
        }
        let profile = try Resolution(name, changes: .none, architecture: SeccompArchitecture.native ?? .amd64).profile
        guard let wanted = profile.appArmorProfile else { return nil }
        let isComplaining = profile.appArmorIsComplaining
        let plainName = isComplaining ? AppArmorText.plainName(of: wanted) : wanted
        var text = BuiltInProfiles.appArmorProfile(named: plainName)
        if let rules = profile.appArmorRules {
            text = try failing { () throws(AppArmorTextError) in try AppArmorText.generated(plainName, rules: rules) }
        }
        self.init(plainName, text, isAudit: isAudit || isComplaining)
    }

    private init(_ name: String, _ text: String?, isAudit: Bool) {
        self.name = isAudit ? ResolvedProfile.complainName(of: name) : name
        self.text = isAudit ? text.map { AppArmorText.auditing($0, named: name) } : text
    }

    /// What is known of the AppArmor profile of `profile`.
    static func content(of profile: ResolvedProfile) -> ConversionSource.AppArmorContent {
        if let rules = profile.appArmorRules { return .rules(rules) }
        guard let name = profile.appArmorProfile, profile.appArmorIsComplaining else {
            return content(of: profile.appArmorProfile)
        }
        let plainName = AppArmorText.plainName(of: name)
        guard let text = BuiltInProfiles.appArmorProfile(named: plainName) else { return .unknown }
        return .text(AppArmorText.auditing(text, named: plainName))
    }

    /// What is known of the AppArmor profile of this name.
    static func content(of name: String?) -> ConversionSource.AppArmorContent {
        guard let name, let text = BuiltInProfiles.appArmorProfile(named: name) else { return .unknown }
        return .text(text)
    }
}
