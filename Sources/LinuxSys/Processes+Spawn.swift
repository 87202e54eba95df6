import CLinux
import Glibc

/// What a new program starts with, beside its arguments and environment.
package struct SpawnOptions {
    /// Its descriptor 0; nil: the caller's.
    package var standardInput: BorrowedFD?
    /// Its descriptor 1; nil: the caller's.
    package var standardOutput: BorrowedFD?
    /// Its descriptor 2; nil: the caller's.
    package var standardError: BorrowedFD?
    /// Its working directory; nil: the caller's.
    package var workingDirectory: BorrowedFD?
    /// What it gets besides, under the same numbers. They must be 3 or above.
    package var inherited: [BorrowedFD] = []
    /// Its namespaces.
    package var cloneFlags: CloneFlags = []
    /// Runs in the new process just before exec, as the last thing: joining namespaces, changing ids. What it throws is
    /// thrown by `spawn`.
    package var prepare: (() throws(SyscallError) -> Void)?

    /// The caller's streams and working directory, nothing inherited beyond.
    package init() {}
}

extension Processes {
    /// What the new process was doing when it failed: the byte that leads its report.
    private enum SpawnStep: UInt8 {
        case exec, duplicate, changeDirectory, closeRange, inherit, prepare

        var operation: String {
            switch self {
            case .exec: "execve"
            case .duplicate: "dup3"
            case .changeDirectory: "fchdir"
            case .closeRange: "close_range"
            case .inherit: "fcntl(F_SETFD)"
            case .prepare: "prepare"
            }
        }
    }

    /// Starts a program: clone3 (or clone where a filter refuses that), then exec. A failure up to and with the exec is
    /// thrown, and the process is reaped.
    ///
    /// The program has no blocked signals, default dispositions, and of the caller's descriptors only those that
    /// `options` name. The new process allocates nothing unless `prepare` does.
    package static func spawn(
        _ program: borrowing PreparedExec, _ options: SpawnOptions = SpawnOptions()
    ) throws(SyscallError) -> ChildProcess {
        let report = try Files.pipe()
        // Above the three standard descriptors, so that setting those up cannot overwrite it.
        let reporting = try Files.duplicate(report.writing.borrowed, atLeast: 3)
        let child = try launch(program, options, reporting: reporting.borrowed)
        // The end of file below needs all of the caller's writing ends closed.
        _ = consume reporting
        let reading = report.keepReading()
        let frame: [UInt8]
        do throws(SyscallError) {
            frame = try Files.readAll(reading.borrowed, limit: 8192, subject: "the start of \(program.pathText)")
        } catch {
            // Best effort: the error above is what matters; a process that is gone cannot be signalled.
            try? child.signal(SIGKILL)
            _ = try? child.wait()
            throw error
        }
        if frame.isEmpty { return child }
        // Best effort: it has sent its last word, and its exit code says nothing more.
        _ = try? child.wait()
        throw spawnError(frame, program.pathText)
    }

    /// Apart from `spawn`, because no descriptor may be owned on the side that never returns.
    private static func launch(
        _ program: borrowing PreparedExec, _ options: SpawnOptions, reporting: BorrowedFD
    ) throws(SyscallError) -> ChildProcess {
        let result = try clone(options.cloneFlags)
        switch consume result {
        case .child: become(program, options, reporting: reporting)
        case .parent(let child): return child
        }
    }

    /// clone3(2), or clone(2) where that is unknown or refused.
    /// - Throws: `SyscallError` of whichever was tried last.
    package static func clone(_ flags: CloneFlags) throws(SyscallError) -> CloneResult {
        do throws(SyscallError) {
            return try clone3(flags)
        } catch {
            // EPERM: refused by a filter of the caller's own launcher, which can't look into clone3's arguments.
            guard error.errno == .ENOSYS || error.errno == .EPERM else { throw error }
            return try legacyClone(flags)
        }
    }

    private static func become(
        _ program: borrowing PreparedExec, _ options: SpawnOptions, reporting: BorrowedFD
    ) -> Never {
        Signals.resetDispositions()
        // Best effort: the call cannot fail with these arguments.
        _ = try? Signals.setMask(SignalSet(rawValue: 0))
        // A source below 3 could be overwritten before its turn, so it moves out of the way first.
        let input = movedAside(options.standardInput, from: 0)
        let output = movedAside(options.standardOutput, from: 1)
        let error = movedAside(options.standardError, from: 2)
        place(input, at: 0, reporting)
        place(output, at: 1, reporting)
        place(error, at: 2, reporting)
        if let directory = options.workingDirectory {
            let result = clinux_fchdir(directory.rawValue)
            if result < 0 { fail(.changeDirectory, -result, reporting) }
        }
        let result = clinux_close_range(3, .max, CloseRangeAction.setCloseOnExec.rawValue)
        if result < 0 { fail(.closeRange, -result, reporting) }
        for descriptor in options.inherited {
            let result = clinux_set_descriptor_flags(descriptor.rawValue, 0)
            if result < 0 { fail(.inherit, -result, reporting) }
        }
        if let prepare = options.prepare {
            do throws(SyscallError) {
                try prepare()
            } catch {
                let text = Array("\(error.operation)\0\(error.subject)".utf8.prefix(2048))
                fail(.prepare, error.errno.rawValue, reporting, text)
            }
        }
        fail(.exec, program.exec().rawValue, reporting)
    }

    /// The number that `source` has from now on, or an errno negated; nil stays nil.
    private static func movedAside(_ source: BorrowedFD?, from target: Int32) -> Int32? {
        guard let source else { return nil }
        return source.rawValue > 2 || source.rawValue == target
            ? source.rawValue : clinux_duplicate(source.rawValue, 3)
    }

    private static func place(_ source: Int32?, at target: Int32, _ reporting: BorrowedFD) {
        guard let source else { return }
        if source < 0 { fail(.duplicate, -source, reporting) }
        let result = source == target ? clinux_set_descriptor_flags(target, 0) : clinux_dup3(source, target, 0)
        if result < 0 { fail(.duplicate, -result, reporting) }
    }

    private static func fail(
        _ step: SpawnStep, _ errno: CInt, _ reporting: BorrowedFD, _ text: [UInt8] = []
    ) -> Never {
        // Best effort: a parent that is gone cannot be told. Small enough for a pipe to take at once.
        if text.isEmpty {
            var frame = (step.rawValue, UInt8(truncatingIfNeeded: errno))
            _ = unsafe withUnsafeBytes(of: &frame) { bytes in
                // SAFETY: two bytes.
                unsafe clinux_write(reporting.rawValue, bytes.baseAddress, 2)
            }
        } else {
            try? Files.writeAll(reporting, [step.rawValue, UInt8(truncatingIfNeeded: errno)] + text)
        }
        exitNow(127)
    }

    private static func spawnError(_ frame: [UInt8], _ path: String) -> SyscallError {
        let step = SpawnStep(rawValue: frame[0]) ?? .exec
        let errno = Errno(rawValue: frame.count > 1 ? CInt(frame[1]) : EIO)
        let texts = frame.dropFirst(2).split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        if texts.count == 2 {
            return SyscallError(
                operation: String(decoding: texts[0], as: UTF8.self), errno: errno,
                subject: String(decoding: texts[1], as: UTF8.self))
        }
        return SyscallError(operation: step.operation, errno: errno, subject: path)
    }
}
