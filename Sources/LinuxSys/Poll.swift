import CLinux
import Glibc

/// What poll(2) waits for, or tells.
package struct PollEvents: OptionSet, Sendable {
    /// The POLL* bits.
    package let rawValue: Int16

    /// The events of the bits `rawValue`.
    package init(rawValue: Int16) {
        self.rawValue = rawValue
    }

    /// Written out, as are the next: the standard library's go through its generic witnesses.
    package static func == (left: PollEvents, right: PollEvents) -> Bool { left.rawValue == right.rawValue }

    /// Whether they are not the same flags.
    package static func != (left: PollEvents, right: PollEvents) -> Bool { left.rawValue != right.rawValue }

    /// Whether there is no flag.
    package var isEmpty: Bool { rawValue == 0 }

    /// Whether all of `flags` are among these.
    package func contains(_ flags: PollEvents) -> Bool { rawValue & flags.rawValue == flags.rawValue }

    /// The flags of either.
    package func union(_ flags: PollEvents) -> PollEvents { PollEvents(rawValue: rawValue | flags.rawValue) }

    /// Adds flags.
    package mutating func formUnion(_ flags: PollEvents) { self = union(flags) }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: PollEvents...) {
        var bits: Int16 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// POLLIN: reading would not wait, or at the end of file.
    package static let readable = PollEvents(rawValue: 0x1)
    /// POLLPRI: an exceptional condition; in cgroup v2, the file has changed.
    package static let priority = PollEvents(rawValue: 0x2)
    /// POLLOUT: writing would not wait.
    package static let writable = PollEvents(rawValue: 0x4)
    /// POLLERR, which is told without being asked for.
    package static let error = PollEvents(rawValue: 0x8)
    /// POLLHUP, which is told without being asked for.
    package static let hangUp = PollEvents(rawValue: 0x10)
    /// POLLNVAL, which is told without being asked for: not an open descriptor.
    package static let invalid = PollEvents(rawValue: 0x20)
}

/// One descriptor to wait for.
package struct PollEntry: Sendable {
    fileprivate var raw: clinux_poll

    /// Waits for `events` of `fd`; a negative number is passed over.
    package init(_ fd: BorrowedFD, _ events: PollEvents) {
        raw = clinux_poll(fd: fd.rawValue, events: events.rawValue, revents: 0)
    }

    /// The descriptor.
    package var fd: BorrowedFD { BorrowedFD(rawValue: raw.fd) }
    /// What has happened, after `Poll.wait`.
    package var ready: PollEvents { PollEvents(rawValue: raw.revents) }
}

/// Waiting for descriptors.
package enum Poll {
    /// ppoll(2): waits until one of `entries` has something to tell, and says how many have. 0 after
    /// `timeoutMilliseconds`; nil waits without end. A signal does not end it.
    @discardableResult
    package static func wait(
        _ entries: inout [PollEntry], timeoutMilliseconds: Int32? = nil
    ) throws(SyscallError) -> Int {
        let end = timeoutMilliseconds.map { Clock.monotonicNanoseconds() + Int64($0) * 1_000_000 }
        var timeout = timeoutMilliseconds ?? -1
        while true {
            let result = unsafe entries.withUnsafeMutableBytes { bytes in
                // SAFETY: an array of structs of one member, which is the C one.
                let list = unsafe bytes.baseAddress?.assumingMemoryBound(to: clinux_poll.self)
                return unsafe clinux_poll_entries(list, bytes.count / MemoryLayout<clinux_poll>.stride, timeout)
            }
            if result != -EINTR {
                return Int(try check(result, "ppoll"))
            }
            if let end {
                timeout = Int32(clamping: max(0, (end - Clock.monotonicNanoseconds()) / 1_000_000))
            }
        }
    }
}
