/// What a container is doing (runtime.md, "State"). The raw value is its name in a state document.
package enum ContainerStatus: String, CaseIterable, Sendable {
    /// `creating`: it is being made.
    case creating
    /// `created`: it is made and its program has not been started.
    case created
    /// `running`: its program was started and has not ended.
    case running
    /// `stopped`: its program has ended.
    case stopped
    /// `paused`: its processes are frozen. The schema doesn't list it; runtime.md lets runtimes add values, and callers
    /// read this one.
    case paused

    /// Written out: what the standard library has for types with a raw value goes through its generic witnesses.
    package static func == (left: ContainerStatus, right: ContainerStatus) -> Bool {
        switch (left, right) {
        case (.creating, .creating), (.created, .created), (.running, .running), (.stopped, .stopped),
            (.paused, .paused):
            true
        default: false
        }
    }

    /// As above.
    package static func != (left: ContainerStatus, right: ContainerStatus) -> Bool { (left == right) == false }
}
