internal import LosslessJSON

/// `/process/execCPUAffinity`: the CPUs that a process may run on which joins a running container (config.md, "Linux
/// Process"). A list is written as in cpuset(7), "List format": `0-3,7`.
package struct ExecCPUAffinity: Equatable, Sendable {
    /// `/process/execCPUAffinity/initial`: the CPUs before the process is moved to the container's cgroup.
    package var initial: String?
    /// `/process/execCPUAffinity/final`: the CPUs after that.
    package var final: String?

    /// Makes an affinity.
    package init(initial: String? = nil, final: String? = nil) {
        self.initial = initial
        self.final = final
    }
}

extension ExecCPUAffinity: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        initial = decoder.string("initial", in: object)
        final = decoder.string("final", in: object)
    }
}
