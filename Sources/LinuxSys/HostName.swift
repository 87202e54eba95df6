import CLinux

/// What uname(2) tells.
package struct HostName: Equatable, Sendable {
    /// The host's name.
    package let node: String
    /// The kernel's release: `6.1.0-18-amd64`.
    package let release: String
    /// When and how the kernel was built.
    package let version: String
    /// The architecture: `x86_64`, `aarch64`.
    package let machine: String
    /// The NIS domain.
    package let domain: String

    /// Of the caller's UTS namespace and execution domain.
    package static func current() throws(SyscallError) -> HostName {
        var raw = clinux_host_name()
        // SAFETY: filled in by the call.
        try check(unsafe clinux_uname(&raw), "uname")
        return HostName(
            node: text(raw.node), release: text(raw.release), version: text(raw.version),
            machine: text(raw.machine), domain: text(raw.domain))
    }

    private static func text<Characters>(_ characters: Characters) -> String {
        // SAFETY: a C array of characters, which are plain bytes.
        unsafe withUnsafeBytes(of: characters) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
