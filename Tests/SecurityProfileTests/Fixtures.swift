import LosslessJSON
import OCISpec
import Testing

@testable import SecurityProfile

/// A generator of random numbers that gives the same ones for the same seed (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A built-in profile with the command line's changes.
func resolved(
    _ name: String, add: [String] = [], drop: [String] = [], on architecture: SeccompArchitecture = .amd64
) throws -> ResolvedProfile {
    let chain = try Profile.chain(of: profileName(name)) { name throws(ProfileError) in
        guard let profile = try BuiltInProfiles.profile(named: name) else {
            throw .unknownProfile(name.description, nearest: nil)
        }
        return profile
    }
    let changes = try CapabilityChanges(
        adding: CapabilityRequest(add, option: "--cap-add"), dropping: CapabilityRequest(drop, option: "--cap-drop"))
    return try ResolvedProfile(chain, changes: changes, on: architecture)
}

/// A name that is one.
func profileName(_ text: String) throws -> ProfileName { try #require(ProfileName(text)) }

/// A built-in profile alone.
func builtIn(_ name: String) throws -> Profile {
    let profile = try BuiltInProfiles.profile(named: profileName(name))
    return try #require(profile)
}

/// A profile made in the test.
func profile(
    _ name: String, extends parent: String? = nil, add: CapabilityRequest = .none, drop: CapabilityRequest = .none
) throws -> Profile {
    var profile = Profile(
        name: try profileName(name), origin: .file("\(name).yaml"), parent: parent.flatMap { ProfileName($0) })
    profile.capabilities = CapabilityChanges(added: add, dropped: drop)
    return profile
}

/// What `profile` makes of a configuration.
func applied(_ profile: ResolvedProfile, to text: String) throws -> String {
    let config = try BundleRewriter.parse(Array(text.utf8))
    let security = BundleSecurity(profile, uid: try BundleSecurity.uid(of: config))
    let bytes = try BundleRewriter.rewrite(config, to: security, stamp: "\(profile.name)@sha256:0")
    return String(decoding: bytes, as: UTF8.self)
}

/// The value at a pointer of a configuration.
func value(_ pointer: String, of text: String) throws -> JSONValue? {
    try JSON(parsing: Array(text.utf8)).value(at: pointer).map { JSONValue($0) }
}

/// A manifest or list from JSON text.
func node(_ text: String) throws -> ManifestNode {
    ManifestNode(try JSON(parsing: Array(text.utf8)), in: "test.json")
}
