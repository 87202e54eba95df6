/// The point of a container's life at which a hook runs, in the order of that life (config.md, "POSIX-platform Hooks";
/// runtime.md, "Lifecycle"). The raw value is the property's name below `/hooks`.
package enum HookKind: String, CaseIterable, Sendable {
    /// `prestart`, deprecated: in the runtime's namespaces, once those of the container are there, before
    /// `createRuntime`.
    case prestart
    /// `createRuntime`: in the runtime's namespaces, once those of the container are there and before pivot_root.
    case createRuntime
    /// `createContainer`: in the container's namespaces, before pivot_root.
    case createContainer
    /// `startContainer`: in the container's namespaces, as part of `start`, before the process is executed.
    case startContainer
    /// `poststart`: in the runtime's namespaces, after the process was started.
    case poststart
    /// `poststop`: in the runtime's namespaces, after the container was deleted.
    case poststop

    /// Written out: what the standard library has for types with a raw value goes through its generic witnesses.
    package static func == (left: HookKind, right: HookKind) -> Bool {
        switch (left, right) {
        case (.prestart, .prestart), (.createRuntime, .createRuntime), (.createContainer, .createContainer),
            (.startContainer, .startContainer), (.poststart, .poststart), (.poststop, .poststop):
            true
        default: false
        }
    }
}
