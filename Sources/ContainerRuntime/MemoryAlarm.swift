import LinuxSys

/// Tells when a container runs out of memory: of cgroup v1 by an eventfd (memory.txt of the kernel, "OOM Control"), of v2
/// by a change of `memory.events`.
struct MemoryAlarm: ~Copyable {
    private let signal: OwnedFD
    private let control: OwnedFD?
    private let files: GroupFiles
    private var kills: UInt64 = 0

    private init(signal: consuming OwnedFD, control: consuming OwnedFD?, files: GroupFiles, kills: UInt64) {
        self.signal = signal
        self.control = control
        self.files = files
        self.kills = kills
    }

    /// Sets the alarm of a container's groups.
    /// - Returns: nil where it has no memory controller.
    static func set(on groups: CgroupTree) throws(SyscallError) -> MemoryAlarm? {
        guard let group = groups.group(of: "memory") else { return nil }
        let files = GroupFiles(folder: group.folder)
        guard !group.isUnified else {
            let kills = try files.named("memory.events").first { $0.name == "oom_kill" }?.value ?? 0
            return MemoryAlarm(
                signal: try Files.open(group.folder + "/memory.events"), control: nil, files: files, kills: kills)
        }
        let event = try Files.makeEventDescriptor()
        let control = try Files.open(group.folder + "/memory.oom_control")
        try Files.writeFile(
            group.folder + "/cgroup.event_control", "\(event.borrowed.rawValue) \(control.borrowed.rawValue)")
        return MemoryAlarm(signal: event, control: consume control, files: files, kills: 0)
    }

    /// What to wait for.
    var entry: PollEntry {
        switch control {
        case .some: PollEntry(signal.borrowed, .readable)
        case .none: PollEntry(signal.borrowed, .priority)
        }
    }

    /// What has happened since the last time: whether memory ran out. The end of a group makes the alarm sound too.
    mutating func hasRung() throws(SyscallError) -> Bool {
        switch control {
        case .some:
            _ = try Files.read(signal.borrowed, maximumBytes: 8)
            return try files.text("memory.oom_control") != nil
        case .none:
            // Read through this descriptor, so that it waits for the next change.
            try Files.seek(signal.borrowed, to: 0)
            _ = try Files.readAll(signal.borrowed, limit: 1 << 16)
            let now = try files.named("memory.events").first { $0.name == "oom_kill" }?.value ?? 0
            defer { kills = now }
            return now > kills
        }
    }
}
