import LinuxSys
import LosslessJSON
import OCISpec

/// What happens to a container while it runs: what it uses, again and again, and when it runs out of memory.
package struct EventStream: ~Copyable {
    private let id: String
    private let statistics: Statistics
    private let process: OwnedFD
    private var alarm: MemoryAlarm?

    /// Looks a container up.
    /// - Throws: `RuntimeError` `container not running` where it has stopped.
    package init(_ id: String, in store: StateStore) throws(RuntimeError) {
        let container = try Container(id, in: store)
        guard container.status != .stopped, container.status != .creating else {
            throw RuntimeError(.state, "container not running")
        }
        let groups = container.record.cgroups
        do throws(SyscallError) {
            let process = try Processes.openPIDFD(container.record.pid)
            // The pid may have been used again before it was opened; from here on the descriptor holds the process.
            guard try Container.isAlive(container.record) else {
                throw SyscallError(operation: "pidfd_open", errno: .ESRCH, subject: id)
            }
            let alarm = try MemoryAlarm.set(on: groups)
            self.init(id: id, statistics: Statistics(groups: groups), process: process, alarm: alarm)
        } catch {
            if error.errno == .ESRCH { throw RuntimeError(.state, "container not running") }
            throw RuntimeError(error, in: "open process")
        }
    }

    private init(
        id: String, statistics: Statistics, process: consuming OwnedFD, alarm: consuming MemoryAlarm?
    ) {
        self.id = id
        self.statistics = statistics
        self.process = process
        self.alarm = alarm
    }

    /// Waits for what comes next.
    /// - Parameter intervalMilliseconds: how long until it is time to tell what the container uses.
    /// - Returns: the event's document, `{"type": "stats", "id", "data"}` or `{"type": "oom", "id"}`; nil when the container's
    ///   process has ended.
    package mutating func next(intervalMilliseconds: Int32) throws(RuntimeError) -> [UInt8]? {
        do throws(SyscallError) {
            let end = Clock.monotonicNanoseconds() + Int64(intervalMilliseconds) * 1_000_000
            while true {
                var entries = [PollEntry(process.borrowed, .readable)]
                switch alarm {
                case .some(let alarm): entries.append(alarm.entry)
                case .none: break
                }
                let rest = max(0, (end - Clock.monotonicNanoseconds()) / 1_000_000)
                guard try Poll.wait(&entries, timeoutMilliseconds: Int32(rest)) > 0 else { break }
                if entries.count > 1, !entries[1].ready.isEmpty, try alarm?.hasRung() == true {
                    var writer = JSONWriter()
                    writer.beginObject()
                    writer.member("type", "oom")
                    writer.member("id", id)
                    writer.endObject()
                    return writer.bytes
                }
                if !entries[0].ready.isEmpty { return nil }
            }
        } catch {
            throw RuntimeError(error, in: "await event")
        }
        return try statisticsDocument()
    }

    /// What the container uses now, as an event.
    package func statisticsDocument() throws(RuntimeError) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", "stats")
        writer.member("id", id)
        writer.name("data")
        try statistics.write(to: &writer)
        writer.endObject()
        return writer.bytes
    }
}
