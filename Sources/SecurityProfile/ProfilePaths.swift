/// What a profile says of the container's files (`/spec/paths`). Nil leaves that to the bundle.
package struct ProfilePaths: Equatable, Sendable {
    /// What is hidden (`/linux/maskedPaths`).
    package var masked: [String]?
    /// What can't be written (`/linux/readonlyPaths`).
    package var readonly: [String]?
    /// Whether the root file system can't be written (`/root/readonly`).
    package var rootReadonly: Bool?

    /// Makes paths; without any, all is left to the bundle.
    package init(masked: [String]? = nil, readonly: [String]? = nil, rootReadonly: Bool? = nil) {
        self.masked = masked
        self.readonly = readonly
        self.rootReadonly = rootReadonly
    }

    /// What one layer says of one of them.
    package enum Choice<Value: Equatable & Sendable>: Equatable, Sendable {
        /// It stays as the bundle has it, whatever the parent says.
        case keep
        /// It is this.
        case set(Value)

        /// What is written, or nil for nothing.
        package var value: Value? {
            switch self {
            case .keep: nil
            case .set(let value): value
            }
        }
    }
}
