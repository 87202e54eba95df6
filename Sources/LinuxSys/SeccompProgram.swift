/// Builds seccomp filters.
package enum SeccompProgram {
    /// Who turns the rules into instructions.
    package enum Builder: Sendable {
        /// This module. A syscall is found by halving ranges of numbers that are treated alike, which makes filters
        /// short and quick, and building takes a fraction of a millisecond.
        case direct
        /// libseccomp, and this module for what the library can't express. Building takes many milliseconds.
        case libseccomp
    }

    /// How many instructions the kernel takes (BPF_MAXINSNS, linux/bpf_common.h).
    package static let maximumInstructionCount = 4096

    /// Builds the filter that `description` asks for: an array of `struct sock_filter` as bytes in the machine's own
    /// order, ready for seccomp(2).
    ///
    /// Flags such as SECCOMP_FILTER_FLAG_LOG are given when a filter is loaded; they aren't in it.
    package static func compile(
        _ description: SeccompDescription, with builder: Builder = .direct
    ) throws(SeccompError) -> [UInt8] {
        let program: [UInt8]
        switch builder {
        case .direct:
            var compiler = SeccompCompiler(description)
            program = try compiler.compile()
        case .libseccomp:
            program = try SeccompLibrary(description).compile()
        }
        guard program.count <= 8 * maximumInstructionCount else {
            throw .tooLong(instructionCount: program.count / 8)
        }
        return program
    }

    /// What libseccomp alone makes of `description`, without what this module adds: the measure for ``compile(_:with:)``.
    package static func libseccompExport(_ description: SeccompDescription) throws(SeccompError) -> [UInt8] {
        try SeccompLibrary(description).export(leavingOut: description.rules.map { _ in false })
    }

    /// The number that libseccomp has for a syscall on an architecture, by libseccomp's token for it; nil if the library
    /// knows neither or the architecture carries the call in another one (`socket` on 32-bit x86 is -101 to the library).
    package static func libseccompNumber(of name: String, onArchitecture token: UInt32) -> Int? {
        SeccompLibrary.number(of: name, onArchitecture: token)
    }
}
