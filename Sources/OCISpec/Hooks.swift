internal import LosslessJSON

/// `/hooks`: programs to run at points of a container's life (config.md, "POSIX-platform Hooks").
package struct Hooks: Equatable, Sendable {
    /// `/hooks/prestart`, deprecated: see ``HookKind/prestart``.
    package var prestart: [Hook]?
    /// `/hooks/createRuntime`: see ``HookKind/createRuntime``.
    package var createRuntime: [Hook]?
    /// `/hooks/createContainer`: see ``HookKind/createContainer``.
    package var createContainer: [Hook]?
    /// `/hooks/startContainer`: see ``HookKind/startContainer``.
    package var startContainer: [Hook]?
    /// `/hooks/poststart`: see ``HookKind/poststart``.
    package var poststart: [Hook]?
    /// `/hooks/poststop`: see ``HookKind/poststop``.
    package var poststop: [Hook]?

    /// Makes an empty section.
    package init() {}

    /// The hooks of one kind.
    package subscript(kind: HookKind) -> [Hook]? {
        switch kind {
        case .prestart: prestart
        case .createRuntime: createRuntime
        case .createContainer: createContainer
        case .startContainer: startContainer
        case .poststart: poststart
        case .poststop: poststop
        }
    }
}

extension Hooks: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        prestart = decoder.sections("prestart", in: object)
        createRuntime = decoder.sections("createRuntime", in: object)
        createContainer = decoder.sections("createContainer", in: object)
        startContainer = decoder.sections("startContainer", in: object)
        poststart = decoder.sections("poststart", in: object)
        poststop = decoder.sections("poststop", in: object)
    }
}
