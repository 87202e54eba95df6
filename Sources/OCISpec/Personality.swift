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
