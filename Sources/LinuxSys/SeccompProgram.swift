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

    /// Builds the filter that `description` asks for: an array of `struct sock_filter` as bytes in the machine's own
    /// order, ready for seccomp(2).
    ///
    /// Flags such as SECCOMP_FILTER_FLAG_LOG are given when a filter is loaded; they aren't in it.
    package static func compile(
        _ description: SeccompDescription, with builder: Builder = .direct
    ) throws(SeccompError) -> [UInt8] {
        throw .noArchitecture
    }
}
