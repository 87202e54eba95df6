import CLinux

/// A file system that is being set up: the descriptor of fsopen(2) or fspick(2), Linux 5.2.
///
/// Its errors carry, after the subject, what the kernel wrote into the context's log.
package struct FileSystemContext: ~Copyable, Sendable {
    private let fd: OwnedFD
    private let subject: String

    init(_ fd: consuming OwnedFD, subject: String) {
        self.fd = fd
        self.subject = subject
    }

    /// The descriptor.
    package var descriptor: BorrowedFD { fd.borrowed }

    /// FSCONFIG_SET_FLAG: an option without a value, `ro` for one.
    package borrowing func set(flag: String) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        let result = unsafe flag.withCText {
            unsafe clinux_fsconfig(fd.borrowed.rawValue, CLINUX_FSCONFIG_SET_FLAG, $0, nil, 0)
        }
        try checkLogged(result, "fsconfig(\(flag))")
    }

    /// FSCONFIG_SET_STRING: `name=value`. EINVAL for a value of more than 255 bytes.
    package borrowing func set(_ name: String, _ value: String) throws(SyscallError) {
        // SAFETY: the C strings live as long as the call.
        let result = unsafe name.withCText(and: value) {
            unsafe clinux_fsconfig(fd.borrowed.rawValue, CLINUX_FSCONFIG_SET_STRING, $0, $1, 0)
        }
        try checkLogged(result, "fsconfig(\(name))")
    }

    /// FSCONFIG_SET_FD: an option whose value is a descriptor.
    package borrowing func set(_ name: String, _ value: BorrowedFD) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        let result = unsafe name.withCText {
            unsafe clinux_fsconfig(fd.borrowed.rawValue, CLINUX_FSCONFIG_SET_FD, $0, nil, value.rawValue)
        }
        try checkLogged(result, "fsconfig(\(name))")
    }

    /// FSCONFIG_CMD_CREATE: the superblock is made, or found.
    package borrowing func create() throws(SyscallError) {
        // SAFETY: a command without arguments.
        let result = clinux_fsconfig(fd.borrowed.rawValue, CLINUX_FSCONFIG_CMD_CREATE, nil, nil, 0)
        try checkLogged(result, "fsconfig(create)")
    }

    /// FSCONFIG_CMD_RECONFIGURE: the options of an existing superblock change.
    package borrowing func reconfigure() throws(SyscallError) {
        // SAFETY: a command without arguments.
        let result = clinux_fsconfig(fd.borrowed.rawValue, CLINUX_FSCONFIG_CMD_RECONFIGURE, nil, nil, 0)
        try checkLogged(result, "fsconfig(reconfigure)")
    }

    /// fsmount(2), after `create`: a mount that is attached nowhere, and goes with its descriptor.
    package borrowing func mount(_ attributes: MountAttributes = []) throws(SyscallError) -> OwnedFD {
        let result = clinux_fsmount(
            fd.borrowed.rawValue, CLINUX_FSMOUNT_CLOEXEC, UInt32(truncatingIfNeeded: attributes.rawValue))
        return OwnedFD(adopting: try checkLogged(result, "fsmount"))
    }

    /// What the kernel has to say of this context, oldest first: lines of `e`, `w` or `i`, a blank and a text. Read
    /// lines are gone.
    package borrowing func log() -> [String] {
        var lines: [String] = []
        // The kernel keeps eight lines.
        while lines.count < 8 {
            var result = 0
            let line = unsafe [UInt8](unsafeUninitializedCapacity: 512) { buffer, count in
                // SAFETY: a call that fills in the result's number of bytes.
                result = unsafe clinux_read(fd.borrowed.rawValue, buffer.baseAddress, 512)
                count = max(result, 0)
            }
            // ENODATA ends the log; any other failure only leaves it shorter.
            if result <= 0 { break }
            lines.append(String(decoding: line.last == 0x0a ? line.dropLast() : line[...], as: UTF8.self))
        }
        return lines
    }

    @discardableResult
    private borrowing func checkLogged(
        _ result: CInt, _ operation: @autoclosure () -> String
    ) throws(SyscallError) -> CInt {
        if result >= 0 { return result }
        let said = log().map { $0.dropFirst(2) }.joined(separator: ", ")
        return try check(result, operation(), said.isEmpty ? subject : "\(subject) (\(said))")
    }
}
