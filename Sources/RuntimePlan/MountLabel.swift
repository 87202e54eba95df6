import OCISpec

/// The SELinux label of what a container's new file systems hold, `/linux/mountLabel`, and how it is given to them.
package struct MountLabel: Sendable, Equatable {
    /// The mount option that gives a label (mount(8)); chosen by the annotation `run.oci.mount_context_type`.
    package enum Kind: String, CaseIterable, Sendable {
        /// `context`: every file has it, and none has one of its own.
        case context
        /// `fscontext`: the file system itself.
        case fileSystem = "fscontext"
        /// `defcontext`: the files that have none of their own.
        case standard = "defcontext"
        /// `rootcontext`: the root of the file system.
        case root = "rootcontext"
    }

    /// The mount option.
    package var kind: Kind
    /// The label: user:role:type:level.
    package var label: String

    /// A label as given.
    package init(_ label: String, kind: Kind = .context) {
        self.label = label
        self.kind = kind
    }

    /// `context=LABEL`, a parameter of fsconfig(2).
    package var parameter: String { "\(kind.rawValue)=\(label)" }

    /// Whether a parameter gives a label.
    package static func isGiven(by parameter: String) -> Bool {
        Kind.allCases.contains { parameter.startsBytewise(with: $0.rawValue + "=") }
    }
}
