internal import LosslessJSON

/// An element of `/linux/namespaces`: a namespace to make or to join (config-linux.md, "Namespaces").
package struct Namespace: Equatable, Sendable {
    /// `type`, REQUIRED.
    package var type: NamespaceType
    /// `path`: the file of the namespace to join, absolute. Absent: a new one is made.
    package var path: String?

    /// Makes a namespace.
    package init(type: NamespaceType, path: String? = nil) {
        self.type = type
        self.path = path
    }
}

extension Namespace: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        type = decoder.requiredChoice("type", in: object, standIn: .pid)
        path = decoder.string("path", in: object)
    }
}
