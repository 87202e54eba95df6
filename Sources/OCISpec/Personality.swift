internal import LosslessJSON

/// `/linux/personality`: the execution domain (config-linux.md, "Personality"; personality(2)).
package struct Personality: Equatable, Sendable {
    /// `/linux/personality/domain`. REQUIRED by config-linux.md, though not by the schema.
    package var domain: PersonalityDomain?
    /// `/linux/personality/flags`: the specification knows none.
    package var flags: [String]?

    /// Makes an execution domain.
    package init(domain: PersonalityDomain? = nil, flags: [String]? = nil) {
        self.domain = domain
        self.flags = flags
    }
}

extension Personality: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        domain = decoder.choice("domain", in: object)
        flags = decoder.strings("flags", in: object)
    }
}

/// An execution domain of `/linux/personality/domain` (defs-linux.json, `PersonalityDomain`).
package enum PersonalityDomain: String, CaseIterable, Sendable {
    /// `LINUX`: the native one.
    case linux = "LINUX"
    /// `LINUX32`: uname(2) tells of a 32-bit machine.
    case linux32 = "LINUX32"

    /// The number of personality(2) (linux/personality.h).
    package var kernelValue: UInt32 {
        switch self {
        case .linux: 0x0000
        case .linux32: 0x0008
        }
    }
}
