import LinuxSys
import OCISpec

extension CgroupTree {
    /// The group's limit of memory, the most that was in use, and how many of its processes the kernel has killed for want
    /// of it (cgroup-v2.rst, memory.events; memory.txt of v1, whose count leaves out the groups below). Nil where there is no
    /// group with the controller, or not any more.
    func memoryAccount() -> OutOfMemory? {
        guard let group = group(of: "memory") else { return nil }
        let files = GroupFiles(folder: group.folder)
        let isUnified = group.isUnified
        // Best effort: what can't be read of a group that somebody removes just now is nobody's reason to fail.
        guard
            let kills = try? files.named(isUnified ? "memory.events" : "memory.oom_control")
                .first(where: { $0.name == "oom_kill" })?.value
        else { return nil }
        let limit = try? files.number(isUnified ? "memory.max" : "memory.limit_in_bytes")
        return OutOfMemory(
            // v1 shows no limit as the last page that it can count.
            limitBytes: limit.flatMap { $0 > UInt64(Int64.max) - (1 << 20) ? nil : $0 },
            peakBytes: try? files.number(isUnified ? "memory.peak" : "memory.max_usage_in_bytes"), kills: kills)
    }

    /// The same, where processes were killed for want of memory; nil where none was.
    func outOfMemory() -> OutOfMemory? {
        memoryAccount().flatMap { $0.kills > 0 ? $0 : nil }
    }
}

extension OutOfMemory {
    /// One phrase for people.
    package var text: String {
        var text = "its control group has run out of memory ("
        if let limitBytes { text += "limit \(limitBytes) bytes, " }
        if let peakBytes { text += "peak \(peakBytes) bytes, " }
        return text + "\(kills) killed)"
    }

    /// What to do about it.
    package var hint: String {
        limitBytes == nil
            ? "it is a group above the container's that has the limit" : "raise /linux/resources/memory/limit"
    }
}

extension RuntimeError {
    /// Says that the container ran out of memory, where it did.
    mutating func explain(_ shortage: OutOfMemory?) {
        guard let shortage else { return }
        message += ": " + shortage.text
        hint = shortage.hint
    }
}
