internal import LosslessJSON

/// A program to run at a point of a container's life (config.md, "POSIX-platform Hooks"; defs.json, `Hook`). It gets
/// the container's ``State`` on its standard input.
package struct Hook: Equatable, Sendable {
    /// `path`, REQUIRED: the program, absolute.
    package var path: String
    /// `args`: the arguments, the name of the program first, as for execv(3).
    package var args: [String]?
    /// `env`: the environment, as `NAME=value`.
    package var env: [String]?
    /// `timeout`: after how many seconds the hook is given up; at least 1.
    package var timeoutSeconds: Int?

    /// Makes a hook.
    package init(path: String, args: [String]? = nil, env: [String]? = nil, timeoutSeconds: Int? = nil) {
        self.path = path
        self.args = args
        self.env = env
        self.timeoutSeconds = timeoutSeconds
    }
}

extension Hook: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        path = decoder.requiredString("path", in: object)
        args = decoder.strings("args", in: object)
        env = decoder.strings("env", in: object)
        timeoutSeconds = decoder.integer("timeout", in: object, from: 1)
    }
}
