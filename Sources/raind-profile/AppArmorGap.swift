import HostInspection

/// Why this host can't enforce an AppArmor profile.
enum AppArmorGap {
    case noAppArmor
    case notLoaded(String)

    /// What is in the way of the profile of this name; nil where nothing is, or where that can't be told.
    init?(_ name: String) {
        switch AppArmorHost.state(of: name) {
        case .noAppArmor: self = .noAppArmor
        case .notLoaded: self = .notLoaded(name)
        case .loaded, .unreadable, .noFileSystem: return nil
        }
    }

    /// It in a few words.
    var reason: String {
        switch self {
        case .noAppArmor: "this kernel has no AppArmor"
        case .notLoaded(let name): "AppArmor profile \(name) isn't loaded"
        }
    }

    /// What to read before the command that loads the profile.
    var condition: String {
        switch self {
        case .noAppArmor: " on a host that has AppArmor"
        case .notLoaded: ""
        }
    }
}
