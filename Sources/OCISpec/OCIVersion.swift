/// A version of the runtime specification, as `/ociVersion` says it: SemVer 2.0.0 (config.md, "Specification
/// version").
package struct OCIVersion: Sendable {
    /// The first number: versions of one are compatible, an older document with a newer runtime.
    package let major: UInt64
    /// The second number.
    package let minor: UInt64
    /// The third number.
    package let patch: UInt64
    /// What follows a hyphen: `rc.2`, `dev`; empty for a release.
    package let prerelease: String
    /// What follows a plus sign, which takes no part in comparisons; empty for none.
    package let build: String

    /// The version that this module is written for.
    package static let current = OCIVersion(major: 1, minor: 3, patch: 0)
    /// The version that a default config names: the lowest that has all that is in it, so that other runtimes run it too.
    package static let ofDefaultSpec = OCIVersion(major: 1, minor: 0, patch: 2)

    private init(major: UInt64, minor: UInt64, patch: UInt64) {
        self.major = major
        self.minor = minor
        self.patch = patch
        prerelease = ""
        build = ""
    }

    /// Reads a version: `1.0.2-dev`, `1.3.0`. Nil for what is none.
    package init?(_ text: String) {
        let bytes = text.utf8
        let plus = bytes.firstIndex(of: UInt8(ascii: "+")) ?? bytes.endIndex
        let core = bytes[..<plus]
        let hyphen = core.firstIndex(of: UInt8(ascii: "-")) ?? core.endIndex
        let numbers = core[..<hyphen].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard numbers.count == 3, let major = OCIVersion.number(numbers[0]),
            let minor = OCIVersion.number(numbers[1]), let patch = OCIVersion.number(numbers[2])
        else { return nil }
        self.major = major
        self.minor = minor
        self.patch = patch
        prerelease = String(Substring(hyphen == core.endIndex ? core[hyphen...] : core[hyphen...].dropFirst()))
        build = String(Substring(plus == bytes.endIndex ? bytes[plus...] : bytes[plus...].dropFirst()))
        guard hyphen == core.endIndex || OCIVersion.areIdentifiers(prerelease, refusesLeadingZeros: true),
            plus == bytes.endIndex || OCIVersion.areIdentifiers(build, refusesLeadingZeros: false)
        else { return nil }
    }

    private static func number(_ text: Substring.UTF8View) -> UInt64? {
        guard text.count == 1 || text.first != UInt8(ascii: "0") else { return nil }
        return String(text).flatMap(\.decimalASCII)
    }

    private static func areIdentifiers(_ text: String, refusesLeadingZeros: Bool) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { identifier in
            guard let first = identifier.first else { return false }
            if refusesLeadingZeros, identifier.count > 1, first == UInt8(ascii: "0"), isNumber(identifier) {
                return false
            }
            return identifier.allSatisfy { byte in
                byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "-")
            }
        }
    }

    private static func isNumber(_ identifier: Substring.UTF8View) -> Bool {
        identifier.allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
    }
}

extension OCIVersion: Comparable {
    /// Whether both are of one precedence: what is built alike but for ``build``.
    package static func == (first: OCIVersion, second: OCIVersion) -> Bool {
        first.major == second.major && first.minor == second.minor && first.patch == second.patch
            && first.prerelease == second.prerelease
    }

    /// Whether `first` is the older one (SemVer 2.0.0, section 11): a prerelease is older than its release.
    package static func < (first: OCIVersion, second: OCIVersion) -> Bool {
        let one = (first.major, first.minor, first.patch)
        let other = (second.major, second.minor, second.patch)
        if one != other { return one < other }
        if first.prerelease.isEmpty || second.prerelease.isEmpty {
            return !first.prerelease.isEmpty && second.prerelease.isEmpty
        }
        let identifiers = first.prerelease.utf8.split(separator: UInt8(ascii: "."))
        let others = second.prerelease.utf8.split(separator: UInt8(ascii: "."))
        for (identifier, other) in zip(identifiers, others) where !identifier.elementsEqual(other) {
            switch (isNumber(identifier), isNumber(other)) {
            case (true, false): return true
            case (false, true): return false
            case (true, true) where identifier.count != other.count: return identifier.count < other.count
            default: return identifier.lexicographicallyPrecedes(other)
            }
        }
        return identifiers.count < others.count
    }
}

extension OCIVersion: CustomStringConvertible {
    /// The version as a document has it.
    package var description: String {
        "\(major).\(minor).\(patch)" + (prerelease.isEmpty ? "" : "-\(prerelease)")
            + (build.isEmpty ? "" : "+\(build)")
    }
}
