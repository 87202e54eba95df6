import CLinux
import Glibc

/// The attributes of sched_setattr(2).
package struct SchedulerAttributes: Equatable, Sendable {
    /// SCHED_*: 0 other, 1 FIFO, 2 round robin, 3 batch, 5 idle, 6 deadline.
    package var policy: UInt32
    /// SCHED_FLAG_*: 1 reset on fork, 2 reclaim, 4 deadline overrun, 8 keep policy, 0x10 keep parameters.
    package var flags: UInt64 = 0
    /// -20 through 19; for other and batch.
    package var nice: Int32 = 0
    /// 1 through 99; for FIFO and round robin.
    package var priority: UInt32 = 0
    /// Nanoseconds; for deadline.
    package var runtime: UInt64 = 0
    /// Nanoseconds; for deadline.
    package var deadline: UInt64 = 0
    /// Nanoseconds; for deadline.
    package var period: UInt64 = 0

    /// The policy, and zeros.
    package init(policy: UInt32) {
        self.policy = policy
    }
}

/// Which processor, when, and with which memory. pid 0 is the caller.
package enum Scheduling {
    /// sched_setattr(2).
    package static func setAttributes(of pid: Int32, to attributes: SchedulerAttributes) throws(SyscallError) {
        var raw = clinux_scheduler(
            policy: attributes.policy, flags: attributes.flags, nice: attributes.nice, priority: attributes.priority,
            runtime: attributes.runtime, deadline: attributes.deadline, period: attributes.period)
        // SAFETY: only read during the call.
        try check(unsafe clinux_sched_setattr(pid, &raw), "sched_setattr", "pid \(pid)")
    }

    /// sched_getattr(2).
    package static func attributes(of pid: Int32) throws(SyscallError) -> SchedulerAttributes {
        var raw = clinux_scheduler()
        // SAFETY: filled in by the call.
        try check(unsafe clinux_sched_getattr(pid, &raw), "sched_getattr", "pid \(pid)")
        var attributes = SchedulerAttributes(policy: raw.policy)
        attributes.flags = raw.flags
        attributes.nice = raw.nice
        attributes.priority = raw.priority
        attributes.runtime = raw.runtime
        attributes.deadline = raw.deadline
        attributes.period = raw.period
        return attributes
    }

    /// ioprio_set(2). `ioClass` is 1 real time, 2 best effort, 3 idle; `priority` is 0 (first) through 7.
    package static func setIOPriority(of pid: Int32, ioClass: Int32, priority: Int32) throws(SyscallError) {
        try check(clinux_ioprio_set(pid, ioClass << 13 | priority), "ioprio_set", "pid \(pid)")
    }

    /// ioprio_get(2).
    package static func ioPriority(of pid: Int32) throws(SyscallError) -> (ioClass: Int32, priority: Int32) {
        let value = try check(clinux_ioprio_get(pid), "ioprio_get", "pid \(pid)")
        return (value >> 13, value & 0x1fff)
    }

    /// sched_setaffinity(2). CPUs that do not exist are passed over by the kernel; EINVAL when none is left, and for a
    /// number that is negative or above 65535.
    package static func setAffinity(of pid: Int32, cpus: [Int]) throws(SyscallError) {
        let mask = try bits(cpus, "sched_setaffinity")
        let result = unsafe mask.withUnsafeBytes { bytes in
            // SAFETY: the whole mask.
            unsafe clinux_sched_setaffinity(pid, bytes.baseAddress, bytes.count)
        }
        try check(result, "sched_setaffinity", "pid \(pid)")
    }

    /// sched_getaffinity(2): the CPUs, rising.
    package static func affinity(of pid: Int32) throws(SyscallError) -> [Int] {
        var mask = [UInt](repeating: 0, count: 1024)
        let result = unsafe mask.withUnsafeMutableBytes { bytes in
            // SAFETY: the whole mask.
            unsafe clinux_sched_getaffinity(pid, bytes.baseAddress, bytes.count)
        }
        try check(result, "sched_getaffinity", "pid \(pid)")
        var cpus: [Int] = []
        for (index, word) in mask.enumerated() where word != 0 {
            for bit in 0..<UInt.bitWidth where word >> UInt(bit) & 1 == 1 {
                cpus.append(index * UInt.bitWidth + bit)
            }
        }
        return cpus
    }

    /// set_mempolicy(2) of the caller. `mode` is MPOL_* with MPOL_F_* in it.
    package static func setMemoryPolicy(_ mode: Int32, nodes: [Int]) throws(SyscallError) {
        let mask = try bits(nodes, "set_mempolicy")
        let result = unsafe mask.withUnsafeBufferPointer { words in
            // SAFETY: the whole mask. The kernel takes one from the number of bits.
            unsafe nodes.isEmpty
                ? clinux_set_mempolicy(mode, nil, 0)
                : clinux_set_mempolicy(mode, words.baseAddress, UInt(words.count * UInt.bitWidth + 1))
        }
        try check(result, "set_mempolicy")
    }

    private static func bits(_ numbers: [Int], _ operation: String) throws(SyscallError) -> [UInt] {
        let highest = numbers.max() ?? 0
        if highest > 65535 || numbers.contains(where: { $0 < 0 }) {
            throw SyscallError(operation: operation, errno: .EINVAL, subject: "\(highest)")
        }
        var mask = [UInt](repeating: 0, count: highest / UInt.bitWidth + 1)
        for number in numbers {
            mask[number / UInt.bitWidth] |= 1 << UInt(number % UInt.bitWidth)
        }
        return mask
    }
}
