package import OCISpec

/// What a profile says of seccomp, as a change of what its parent says (`/spec/seccomp`).
package struct SeccompLayer: Equatable, Sendable {
    /// How the parent's filter takes part.
    package enum Mode: String, CaseIterable, Sendable {
        /// It stays, and the word of this layer on a syscall replaces the parent's.
        case extend
        /// It doesn't.
        case replace
        /// What is allowed is what both allow.
        case intersect
    }

    /// How the parent's filter takes part.
    package var mode: Mode
    /// What happens to a call that no rule names, or nil to inherit.
    package var defaultAction: SeccompAction?
    /// The errno of the default action, or nil where nothing is said of it.
    package var defaultErrnoReturn: UInt32?
    /// What the filter is for, or nil where nothing is said of it.
    package var architectures: SeccompList.Architectures?
    /// The flags of seccomp(2), or nil where nothing is said of them.
    package var flags: [String]?
    /// The rules: those of the file, then those that stand in the manifest. The later word on a syscall replaces the
    /// earlier one.
    package var parts: [[SeccompList.Entry]]
    /// Where the layer stands, and in `defaultAction`, `defaultErrnoRet` and `architectures` those.
    var places: [String: SourcePlace] = [:]

    /// Makes a layer.
    package init(
        _ mode: Mode, defaultAction: SeccompAction? = nil, defaultErrnoReturn: UInt32? = nil,
        architectures: SeccompList.Architectures? = nil, flags: [String]? = nil, parts: [[SeccompList.Entry]] = []
    ) {
        self.mode = mode
        self.defaultAction = defaultAction
        self.defaultErrnoReturn = defaultErrnoReturn
        self.architectures = architectures
        self.flags = flags
        self.parts = parts
    }

    /// A whole list in place of the parent's.
    package init(replacingBy list: SeccompList) {
        self.init(
            .replace, defaultAction: list.defaultAction, defaultErrnoReturn: list.defaultErrnoReturn,
            architectures: list.architectures, flags: list.flags, parts: [list.entries])
    }
}
