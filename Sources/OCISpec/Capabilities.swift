internal import LosslessJSON

/// `/process/capabilities`: the five capability sets by name, such as `CAP_CHOWN` (config.md, "Linux Process";
/// capabilities(7)).
///
/// The schema lists no names, so any string stands here; see ``Capability/init(name:)``.
package struct Capabilities: Equatable, Sendable {
    /// `/process/capabilities/bounding`.
    package var bounding: [String]?
    /// `/process/capabilities/effective`.
    package var effective: [String]?
    /// `/process/capabilities/inheritable`.
    package var inheritable: [String]?
    /// `/process/capabilities/permitted`.
    package var permitted: [String]?
    /// `/process/capabilities/ambient`.
    package var ambient: [String]?

    /// Makes five sets.
    package init(
        bounding: [String]? = nil, effective: [String]? = nil, inheritable: [String]? = nil,
        permitted: [String]? = nil, ambient: [String]? = nil
    ) {
        self.bounding = bounding
        self.effective = effective
        self.inheritable = inheritable
        self.permitted = permitted
        self.ambient = ambient
    }
}

extension Capabilities: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        bounding = decoder.strings("bounding", in: object)
        effective = decoder.strings("effective", in: object)
        inheritable = decoder.strings("inheritable", in: object)
        permitted = decoder.strings("permitted", in: object)
        ambient = decoder.strings("ambient", in: object)
    }
}
