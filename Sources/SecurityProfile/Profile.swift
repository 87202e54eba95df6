package import OCISpec

/// A profile as its manifest states it: one layer, which says only what it changes of the profile that it extends.
package struct Profile: Sendable {
    /// Where a profile comes from.
    package enum Origin: Equatable, Sendable {
        /// The program itself.
        case builtIn
        /// A file.
        case file(String)
    }

    /// Which capabilities a process that isn't root keeps across execve.
    package enum Ambient: Equatable, Sendable {
        /// Those that were added on purpose: by a profile that isn't built in, or on the command line.
        case auto
        /// None.
        case never
        /// These, as far as the container has them.
        case listed(CapabilitySet)
    }

    /// What a layer says of seccomp.
    package enum Seccomp: Equatable, Sendable {
        /// No filter.
        case unconfined
        /// A filter of one's own, or a change of the parent's.
        case layer(SeccompLayer)
    }

    /// What a layer says of AppArmor.
    package enum AppArmor: Equatable, Sendable {
        /// How a profile of AppArmor treats what it forbids.
        package enum Mode: String, Equatable, Sendable {
            /// It refuses.
            case enforce
            /// It lets happen, and the kernel's log says so.
            case complain
        }

        /// No profile.
        case unconfined
        /// The profile of this name.
        case profile(String, Mode)
    }

    /// How many profiles may extend each other one after the other.
    package static let maximumDepth = 15

    /// The name.
    package var name: ProfileName
    /// Where it comes from.
    package var origin: Origin
    /// What it is for, in a line.
    package var description: String?
    /// The profile that this one starts from.
    package var parent: ProfileName?
    /// What it adds to and drops from the capabilities of its parent.
    package var capabilities: CapabilityChanges
    /// What it says of ambient capabilities, or nil to inherit.
    package var ambient: Ambient?
    /// What it says of no_new_privs, or nil to inherit.
    package var noNewPrivileges: Bool?
    /// What it says of seccomp, or nil to inherit.
    package var seccomp: Seccomp?
    /// What it says of AppArmor, or nil to inherit.
    package var appArmor: AppArmor?
    /// What the AppArmor profile of one's own allows, or nil where its text is somebody else's.
    package var appArmorRules: AppArmorRules?
    /// The SELinux label of the container's processes, or nil to inherit.
    package var selinuxLabel: String?
    /// What it says of masked paths, or nil to inherit.
    package var maskedPaths: ProfilePaths.Choice<[String]>?
    /// What it says of read-only paths, or nil to inherit.
    package var readonlyPaths: ProfilePaths.Choice<[String]>?
    /// What it says of the root file system, or nil to inherit.
    package var rootReadonly: ProfilePaths.Choice<Bool>?
    /// What its author calls it by (`/metadata/labels`), sorted by name.
    package var labels: [(name: String, value: String)] = []
    /// Where in its manifest it says what; what was made otherwise has no places.
    package var places = ManifestPlaces()

    /// Makes a profile that changes nothing of `parent`.
    package init(name: ProfileName, origin: Origin, parent: ProfileName? = nil) {
        self.name = name
        self.origin = origin
        self.parent = parent
        capabilities = .none
    }

    /// The profile of this name and its ancestors, the outermost ancestor first. `lookup` finds a profile by its name.
    package static func chain(
        of name: ProfileName, lookup: (ProfileName) throws(ProfileError) -> Profile
    ) throws(ProfileError) -> [Profile] {
        var chain: [Profile] = []
        var next: ProfileName? = name
        while let current = next {
            if let start = chain.firstIndex(where: { $0.name == current }) {
                throw .cycle(chain[start...].map(\.name) + [current])
            }
            guard chain.count <= maximumDepth else { throw .tooManyLevels(name) }
            let profile = try lookup(current)
            chain.append(profile)
            next = profile.parent
        }
        return chain.reversed()
    }
}
