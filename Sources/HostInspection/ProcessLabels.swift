import LinuxSys

/// What the security modules say of a process: /proc/PID/attr.
package struct ProcessLabels: Equatable, Sendable {
    /// The AppArmor profile that confines it, or several stacked (`a//&b`); nil for none, and on a kernel without AppArmor.
    package var appArmorProfile: String?
    /// The profile's mode: `enforce`, `complain`, `kill`, or `mixed` of several; nil without a profile.
    package var appArmorMode: String?
    /// Its SELinux label; nil on a kernel without SELinux.
    package var selinuxLabel: String?

    /// Reads the files' texts.
    ///
    /// - Parameters:
    ///   - appArmor: that of `attr/apparmor/current` (Linux 5.8), or nil where it isn't there.
    ///   - current: that of `attr/current`, which is any module's, or nil where no module fills it.
    ///   - hasAppArmor: whether the kernel has AppArmor in use.
    package init(appArmor: [UInt8]?, current: [UInt8]?, hasAppArmor: Bool) {
        if let text = appArmor ?? (hasAppArmor ? current : nil) {
            let label = AppArmor.profile(label: Self.line(text))
            // A profile with the flag unconfined confines nobody.
            if label.name != "unconfined", label.mode != "unconfined", !label.name.isEmpty {
                appArmorProfile = label.name
                appArmorMode = label.mode
            }
        } else if let current, !hasAppArmor {
            let label = Self.line(current)
            selinuxLabel = label.isEmpty ? nil : label
        }
    }

    /// The text without the line feed or the NUL at its end.
    private static func line(_ text: [UInt8]) -> String {
        String(decoding: text.prefix { $0 != 0 && $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
