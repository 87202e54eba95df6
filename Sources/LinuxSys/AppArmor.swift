import CAppArmor
import Glibc

/// A profile that is loaded in the kernel.
package struct AppArmorProfile: Equatable, Sendable {
    /// Its name, with its namespace if it has one (`:ns://name`).
    package let name: String
    /// `enforce`, `complain`, `kill`, `unconfined` or `mixed`; empty when the kernel does not say.
    package let mode: String
}

/// What libapparmor tells. Labels are written elsewhere, below a private procfs.
package enum AppArmor {
    /// aa_is_enabled(3): nil when AppArmor is in the kernel and in use, else why not: ENOSYS without support, ECANCELED
    /// when it was switched off at boot, ENOENT where securityfs isn't mounted, ENOMEM, EPERM or EACCES.
    package static func reasonUnavailable() -> Errno? {
        aa_is_enabled() == 1 ? nil : Errno(rawValue: errno)
    }

    /// Whether AppArmor is in the kernel and in use, as far as this process can see.
    package static var isEnabled: Bool { reasonUnavailable() == nil }

    /// The folder of AppArmor in securityfs, wherever that is mounted: aa_find_mountpoint(3).
    package static func folder() throws(SyscallError) -> String {
        var path: UnsafeMutablePointer<CChar>?
        // SAFETY: a C string that is ours to free.
        guard unsafe aa_find_mountpoint(&path) == 0, let found = unsafe path else {
            throw SyscallError(operation: "aa_find_mountpoint", errno: Errno(rawValue: errno), subject: "securityfs")
        }
        let text = unsafe String(cString: found)
        unsafe free(found)
        return text
    }

    /// The profiles that are loaded. Reading them needs CAP_MAC_ADMIN in the host's user namespace.
    /// - Parameter path: the kernel's list; nil for the one in securityfs.
    package static func profiles(path: String? = nil) throws(SyscallError) -> [AppArmorProfile] {
        let path = if let path { path } else { try folder() + "/profiles" }
        let text = try Files.readFile(path, limit: 16 << 20)
        return text.split(separator: 0x0a).map { profile(label: String(decoding: $0, as: UTF8.self)) }
    }

    /// The profiles that a label names: one, or those that are stacked (`a//&b`).
    package static func components(ofLabel name: String) -> [String] {
        // In a label the kernel separates profiles by this, which stands in no profile's own name.
        name.split(separator: "//&").map(String.init)
    }

    /// A label as the kernel writes it, `name (mode)` or `unconfined`: aa_splitcon(3).
    package static func profile(label: String) -> AppArmorProfile {
        var bytes = label.utf8CString
        return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            var mode: UnsafeMutablePointer<CChar>?
            // SAFETY: a C string that is ours to cut; name and mode point into it.
            guard let name = unsafe aa_splitcon(buffer.baseAddress, &mode) else {
                return AppArmorProfile(name: "", mode: "")
            }
            let modeText = unsafe mode.map { unsafe String(cString: $0) } ?? ""
            return unsafe AppArmorProfile(name: String(cString: name), mode: modeText)
        }
    }
}
