import CLinux

/// A page that two processes share, in which one says where it is in a list of steps: what it was at is known even when
/// it was killed, and saying so takes no system call.
@safe package struct SharedProgress: @unchecked Sendable {
    // SAFETY: mapped for as long as the process lives and never unmapped; each word is written by one process and read by
    // the other only for what to tell, so a torn or late value does no harm.
    private let words: UnsafeMutablePointer<UInt64>
    private let stepCount: Int
    private let keepsTimes: Bool

    /// Maps the page. Word 0 is the current step, the words behind it are the times at which each was begun, the
    /// last but one is a descriptor's number, and the last how far the clock has moved.
    /// - Parameters:
    ///   - stepCount: how many steps there are.
    ///   - keepsTimes: whether the time of each is kept.
    /// - Throws: `SyscallError` when there is no memory.
    package init(stepCount: Int, keepsTimes: Bool) throws(SyscallError) {
        var address: UnsafeMutableRawPointer?
        let size = (stepCount + 4) * 8
        // SAFETY: address is written before the call returns.
        try check(unsafe clinux_map_shared(size, &address), "mmap")
        guard let address = unsafe address else { throw SyscallError(operation: "mmap", errno: .ENOMEM) }
        unsafe words = address.bindMemory(to: UInt64.self, capacity: stepCount + 4)
        self.stepCount = stepCount
        self.keepsTimes = keepsTimes
    }

    /// Says that a step begins.
    package func enter(_ step: Int) {
        guard (0...stepCount).contains(step) else { return }
        // SAFETY: step is within the mapping.
        unsafe words[0] = UInt64(step)
        guard keepsTimes else { return }
        let moved = Int64(bitPattern: unsafe words[3 + stepCount])
        unsafe words[1 + step] = UInt64(bitPattern: Clock.monotonicNanoseconds() &- moved)
    }

    /// Says that the process has entered a time namespace whose monotonic clock is ahead of the one that it had.
    package func clockHasMoved(by nanoseconds: Int64) {
        // SAFETY: the last word is always there, and the process that writes the times is the only one to use it.
        unsafe words[3 + stepCount] = UInt64(bitPattern: nanoseconds)
    }

    /// The step that was begun last.
    package var current: Int {
        // SAFETY: word 0 is always there.
        Int(min(unsafe words[0], UInt64(stepCount)))
    }

    /// The descriptor that one process has for the other, which shares its table of descriptors; nil while there is none.
    /// Setting it takes no system call, which a filter could forbid.
    package var descriptor: CInt? {
        get {
            // SAFETY: the last word but one of the mapping. 0 is no number yet, so numbers are counted from 1.
            let word = unsafe clinux_observe(words + stepCount + 2)
            return word == 0 ? nil : CInt(truncatingIfNeeded: word - 1)
        }
        nonmutating set {
            // SAFETY: as above.
            unsafe clinux_publish(words + stepCount + 2, newValue.map { UInt64($0) + 1 } ?? 0)
        }
    }

    /// When a step was begun, in nanoseconds of the monotonic clock; 0 when it was not, or no times are kept.
    package func startNanoseconds(of step: Int) -> Int64 {
        guard (0...stepCount).contains(step) else { return 0 }
        // SAFETY: step is within the mapping.
        return Int64(bitPattern: unsafe words[1 + step])
    }
}
