import LinuxSys

/// The labels that security modules have for the calling thread and for the program that it executes next.
extension Procfs {
    /// Has the calling thread's next program confined by an AppArmor profile (`/process/apparmorProfile`).
    ///
    /// With no_new_privs a confined process may change to what confines it further and to nothing else: the kernel would
    /// refuse the exec (EPERM). There the profile is stacked on the one that confines the runtime, and a program of the
    /// container's may do what both allow. Everywhere else it has the profile alone, which is what its rules are written
    /// for: as the peer of signals it is known by that name.
    ///
    /// That the kernel takes the name is its promise: an exec that can't keep it fails.
    /// - Parameter noNewPrivileges: whether the exec will come under no_new_privs.
    /// - Throws: `SyscallError`: ENOENT where no such profile is loaded, EACCES where the profile that confines the runtime
    ///   allows no such change.
    static func setAppArmorProfile(
        _ procfs: BorrowedFD, _ profile: String, noNewPrivileges: Bool
    ) throws(SyscallError) {
        let attributes = try appArmorAttributes(procfs)
        var verb = "exec"
        if noNewPrivileges, try confinement(attributes.borrowed) != nil { verb = "stack" }
        let file = try Files.open2("exec", in: attributes.borrowed, [.writeOnly], resolve: inside)
        // Once: of a command in two parts the kernel would take each for a whole one.
        try Files.writeOnce(file.borrowed, Array("\(verb) \(profile)".utf8), subject: profile)
    }

    /// The AppArmor label that confines the calling thread, as `name (enforce)`; nil where none does.
    /// - Throws: `SyscallError` on a kernel without AppArmor.
    static func appArmorConfinement(_ procfs: BorrowedFD) throws(SyscallError) -> String? {
        let attributes = try appArmorAttributes(procfs)
        return try confinement(attributes.borrowed)
    }

    /// Has the calling thread's next program run under a SELinux label (`/process/selinuxLabel`; proc_pid_attr(5)).
    static func setSELinuxLabel(_ procfs: BorrowedFD, _ label: String) throws(SyscallError) {
        try write(procfs, "thread-self/attr/exec", label)
    }

    /// Gives the keys that the calling thread makes from here on, until it executes a program, a SELinux label
    /// (proc_pid_attr(5), "keycreate").
    static func setKeyLabel(_ procfs: BorrowedFD, _ label: String) throws(SyscallError) {
        do throws(SyscallError) {
            try write(procfs, "thread-self/attr/keycreate", label)
        } catch {
            // A kernel without keys has none that could have a label.
            guard error.errno == .ENOENT else { throw error }
        }
    }

    private static var inside: ResolveFlags { [.beneath, .noXDev, .noMagicLinks] }

    /// The folder of AppArmor's own, which is AppArmor's also where another module has `attr/exec`; before Linux 5.8 there
    /// is none, and `attr/exec` is the one module's that the kernel has.
    private static func appArmorAttributes(_ procfs: BorrowedFD) throws(SyscallError) -> OwnedFD {
        do throws(SyscallError) {
            return try Files.open2("thread-self/attr/apparmor", in: procfs, [.path, .directory], resolve: inside)
        } catch {
            guard error.errno == .ENOENT else { throw error }
            return try Files.open2("thread-self/attr", in: procfs, [.path, .directory], resolve: inside)
        }
    }

    private static func confinement(_ attributes: BorrowedFD) throws(SyscallError) -> String? {
        let file = try Files.open2("current", in: attributes, [.readOnly], resolve: inside)
        let text = try Files.readAll(file.borrowed, limit: 1 << 16)
        let label = String(decoding: text.prefix { $0 != UInt8(ascii: "\n") && $0 != 0 }, as: UTF8.self)
        // A profile with the flag unconfined confines as little as none does.
        return label == "unconfined" || label.hasSuffix(" (unconfined)") ? nil : label
    }
}
