import CLinux
import Glibc

/// Rows and columns of characters.
package struct WindowSize: Equatable, Sendable {
    /// Its height.
    package let rows: UInt16
    /// Its width.
    package let columns: UInt16

    /// The size of so many rows and columns.
    package init(rows: UInt16, columns: UInt16) {
        self.rows = rows
        self.columns = columns
    }
}

/// How a terminal treats what passes through it: termios(3).
package struct TerminalAttributes {
    fileprivate var raw: termios

    /// The same, but passing every byte as it is: cfmakeraw(3).
    package var unprocessed: TerminalAttributes {
        var copy = self
        // SAFETY: changes the structure alone.
        unsafe cfmakeraw(&copy.raw)
        return copy
    }
}

/// Terminals and pseudoterminals: pty(7), ioctl_tty(2).
package enum Terminal {
    /// A new pseudoterminal of the devpts file system whose root `devpts` is: its master, close-on-exec, with the
    /// other end unlocked. ENODEV when `ptmx` there is not of a devpts.
    package static func openMaster(devpts: BorrowedFD) throws(SyscallError) -> OwnedFD {
        let master = try Files.open2(
            "ptmx", in: devpts, [.readWrite, .noFollow], resolve: [.beneath, .noXDev, .noSymlinks])
        if try Files.fileSystem(of: master.borrowed, subject: "ptmx").type != FileSystemStatus.devpts {
            throw SyscallError(operation: "openat2", errno: .ENODEV, subject: "ptmx")
        }
        try check(clinux_unlock_terminal(master.borrowed.rawValue), "ioctl(TIOCSPTLCK)", "ptmx")
        return master
    }

    /// TIOCGPTPEER, Linux 4.13: the other end of `master`, without any path, close-on-exec. It does not become the
    /// controlling terminal.
    package static func openPeer(of master: BorrowedFD) throws(SyscallError) -> OwnedFD {
        let result = clinux_open_terminal_peer(master.rawValue, O_RDWR | O_NOCTTY | O_CLOEXEC)
        return OwnedFD(adopting: try check(result, "ioctl(TIOCGPTPEER)", master.description))
    }

    /// TIOCGPTN: N of /dev/pts/N.
    package static func number(of master: BorrowedFD) throws(SyscallError) -> Int32 {
        try check(clinux_terminal_number(master.rawValue), "ioctl(TIOCGPTN)", master.description)
    }

    /// TIOCGWINSZ.
    package static func windowSize(of fd: BorrowedFD) throws(SyscallError) -> WindowSize {
        var rows: UInt16 = 0
        var columns: UInt16 = 0
        // SAFETY: both are written by the call alone.
        try check(unsafe clinux_get_window_size(fd.rawValue, &rows, &columns), "ioctl(TIOCGWINSZ)", fd.description)
        return WindowSize(rows: rows, columns: columns)
    }

    /// TIOCSWINSZ. The foreground processes get SIGWINCH.
    package static func setWindowSize(of fd: BorrowedFD, to size: WindowSize) throws(SyscallError) {
        try check(clinux_set_window_size(fd.rawValue, size.rows, size.columns), "ioctl(TIOCSWINSZ)", fd.description)
    }

    /// TIOCSCTTY: `fd` becomes the terminal of the session that the caller leads.
    package static func makeControlling(_ fd: BorrowedFD) throws(SyscallError) {
        try check(clinux_set_controlling_terminal(fd.rawValue), "ioctl(TIOCSCTTY)", fd.description)
    }

    /// Whether the calling process may read from the terminal `fd` and change it: its group is in the foreground
    /// (TIOCGPGRP), or the terminal is not the one that controls it.
    package static func isInForeground(_ fd: BorrowedFD) -> Bool {
        let group = clinux_get_foreground_group(fd.rawValue)
        return group < 0 || group == clinux_getpgrp()
    }

    /// Whether `fd` is a terminal.
    package static func isTerminal(_ fd: BorrowedFD) -> Bool {
        var attributes = termios()
        // SAFETY: filled in by the call.
        return unsafe clinux_get_terminal_attributes(fd.rawValue, &attributes) >= 0
    }

    /// tcgetattr(3). ENOTTY for what is no terminal.
    package static func attributes(of fd: BorrowedFD) throws(SyscallError) -> TerminalAttributes {
        var raw = termios()
        // SAFETY: filled in by the call.
        try check(unsafe clinux_get_terminal_attributes(fd.rawValue, &raw), "tcgetattr", fd.description)
        return TerminalAttributes(raw: raw)
    }

    /// tcsetattr(3), at once. A caller in the background is stopped by SIGTTOU unless it blocks or ignores that.
    package static func setAttributes(of fd: BorrowedFD, to attributes: TerminalAttributes) throws(SyscallError) {
        var raw = attributes.raw
        // SAFETY: only read during the call.
        let result = retryingInterrupts { unsafe clinux_set_terminal_attributes(fd.rawValue, TCSANOW, &raw) }
        try check(result, "tcsetattr", fd.description)
    }
}
