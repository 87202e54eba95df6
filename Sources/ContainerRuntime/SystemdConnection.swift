import DBus
import LinuxSys
import RuntimePlan

/// A conversation with systemd (org.freedesktop.systemd1(5)): the system's own, or a user's.
///
/// Over the message bus, as anybody may. Where there is none, over the socket that systemd keeps for systemctl: a machine
/// may well have a systemd and no bus. There systemd is alone at the other end, and nobody passes messages on.
final class SystemdConnection {
    /// How long systemd may take for an answer, or for a job.
    static let timeoutMilliseconds: Int32 = 30_000

    private static let name = "org.freedesktop.systemd1"
    private static let path = "/org/freedesktop/systemd1"
    private static let interface = "org.freedesktop.systemd1.Manager"

    private let bus: BusConnection
    private let isPrivate: Bool
    /// Where systemd was found.
    let address: String

    /// Connects to an instance.
    /// - Parameter remembered: where it was found before: the caller of a later command may have another environment.
    /// - Throws: `SystemdFailure` that tells of the first place that was tried.
    init(to instance: SystemdInstance, remembered: String? = nil) throws(SystemdFailure) {
        let owner = SystemdInstance.ownerID()
        var first: SystemdFailure?
        for place in try SystemdPlace.list(of: instance, owner: owner, remembered: remembered) {
            do throws(BusFailure) {
                let found = try Self.connect(to: place, as: owner)
                bus = found
                address = place.address.text
                isPrivate = place.isPrivate
                return
            } catch {
                if first == nil { first = SystemdFailure(error, "connect \(place.address.socketPath)") }
            }
        }
        throw first ?? SystemdFailure(operation: "connect to systemd", errno: .ENOENT)
    }

    private static func connect(to place: SystemdPlace, as owner: UInt32) throws(BusFailure) -> BusConnection {
        let bus = try BusConnection(
            to: place.address, as: owner, saysNumber: place.isPrivate, timeoutMilliseconds: timeoutMilliseconds)
        if !place.isPrivate {
            _ = try bus.call(
                try BusMessage(
                    calling: "Hello", of: "org.freedesktop.DBus", at: "/org/freedesktop/DBus",
                    destination: "org.freedesktop.DBus", []),
                by: BusConnection.Deadline(milliseconds: timeoutMilliseconds))
        }
        return bus
    }

    /// Whether process ids mean the same to systemd as to the caller: not from within a pid namespace below systemd's, where
    /// systemd would take another process for the caller's.
    var sharesPIDNamespace: Bool { bus.peer.process != 0 }

    // MARK: Units

    /// Has systemd make a unit, and waits until it has. A failed unit of the same name, which somebody has left behind, is
    /// forgotten first.
    func start(_ unit: TransientUnit, process pid: Int32) throws(SystemdFailure) {
        var properties = unit.properties
        var isReset = false
        while true {
            do throws(SystemdFailure) {
                let all = unit.ownProperties + properties
                return try runJob(
                    "StartTransientUnit", of: unit.name,
                    [
                        .string(unit.name), .string("replace"),
                        .array(
                            of: "(sv)",
                            all.map { property in
                                .structure([.string(property.name), .variant(BusValue(property.value))])
                            } + [
                                .structure([
                                    .string("PIDs"),
                                    .variant(.array(of: "u", [.uint32(UInt32(bitPattern: pid))])),
                                ])
                            ]),
                        .array(of: "(sa(sv))", []),
                    ])
            } catch {
                if error.errno == .EEXIST, !isReset {
                    isReset = true
                    // Best effort: what can't be forgotten is told by the next try.
                    try? resetFailed(unit.name)
                    continue
                }
                // What a systemd of this age has no word for the group's own file says.
                guard let place = error.refusedProperty(among: properties) else {
                    throw error.about(properties)
                }
                properties.remove(at: place)
            }
        }
    }

    /// Gives a unit other values, until the machine is started again.
    func setProperties(_ properties: [UnitProperty], of unit: String) throws(SystemdFailure) {
        var properties = properties
        while !properties.isEmpty {
            do throws(SystemdFailure) {
                _ = try call(
                    "SetUnitProperties",
                    [
                        .string(unit), .boolean(true),
                        .array(
                            of: "(sv)",
                            properties.map { .structure([.string($0.name), .variant(BusValue($0.value))]) }),
                    ])
                return
            } catch {
                guard let place = error.refusedProperty(among: properties) else { throw error.about(properties) }
                properties.remove(at: place)
            }
        }
    }

    /// Ends a unit, and waits until it has ended. One that is gone is no error.
    func stop(_ unit: String) throws(SystemdFailure) {
        do throws(SystemdFailure) {
            try runJob("StopUnit", of: unit, [.string(unit), .string("replace")])
        } catch {
            guard error.errno == .ENOENT else { throw error }
        }
        // Best effort: only a unit that has failed is kept, and most have not.
        try? resetFailed(unit)
    }

    /// Puts a process into a unit's control group, or into one below it.
    /// - Parameter subgroup: the path below the unit's own group, `/` for that one.
    func attach(_ pid: Int32, to unit: String, subgroup: String) throws(SystemdFailure) {
        _ = try call(
            "AttachProcessesToUnit",
            [.string(unit), .string(subgroup), .array(of: "u", [.uint32(UInt32(bitPattern: pid))])])
    }

    private func resetFailed(_ unit: String) throws(SystemdFailure) {
        _ = try call("ResetFailedUnit", [.string(unit)])
    }

    // MARK: Calls

    private func call(_ method: String, _ arguments: [BusValue]) throws(SystemdFailure) -> BusMessage {
        do throws(BusFailure) {
            return try bus.call(
                try BusMessage(
                    calling: method, of: Self.interface, at: Self.path, destination: isPrivate ? nil : Self.name,
                    arguments),
                by: BusConnection.Deadline(milliseconds: Self.timeoutMilliseconds))
        } catch {
            throw SystemdFailure(error, method)
        }
    }

    /// Calls a method that makes a job, and waits for the job's end.
    private func runJob(_ method: String, of unit: String, _ arguments: [BusValue]) throws(SystemdFailure) {
        try listen(to: unit)
        let answer = try call(method, arguments)
        let deadline = BusConnection.Deadline(milliseconds: Self.timeoutMilliseconds)
        do throws(BusFailure) {
            guard case .objectPath(let job) = try answer.body().first else {
                throw .malformed("an answer without a job")
            }
            while true {
                let signal: BusMessage
                do throws(BusFailure) {
                    signal = try bus.signal(by: deadline)
                } catch {
                    guard error == .timeout else { throw error }
                    throw BusFailure.refused(
                        name: Self.timeoutName, text: "job \(job) of \(unit) has not ended in 30 s")
                }
                // Anybody on a bus may send signals; who has sent one the bus itself says.
                guard signal.member == "JobRemoved", signal.interface == Self.interface, signal.path == Self.path,
                    isPrivate || signal.sender == answer.sender, signal.signature == "uoss"
                else { continue }
                let body = try signal.body()
                guard body.count == 4, body[1] == .objectPath(job) else { continue }
                let result = body[3].text ?? ""
                guard result == "done" else {
                    throw .refused(name: Self.resultName + result, text: "job \(job) of \(unit) has ended as \(result)")
                }
                return
            }
        } catch {
            throw SystemdFailure(error, method)
        }
    }

    /// How failures of jobs are named, in the manner of errors that systemd itself tells.
    static let timeoutName = "raind.Timeout"
    /// Before the job's result.
    static let resultName = "raind.JobResult."

    private func listen(to unit: String) throws(SystemdFailure) {
        // systemd tells each that speaks with it alone of every job.
        guard !isPrivate else { return }
        do throws(BusFailure) {
            _ = try bus.call(
                try BusMessage(
                    calling: "AddMatch", of: "org.freedesktop.DBus", at: "/org/freedesktop/DBus",
                    destination: "org.freedesktop.DBus",
                    [
                        .string(
                            "type='signal',sender='\(Self.name)',path='\(Self.path)',interface='\(Self.interface)',"
                                + "member='JobRemoved',arg2='\(unit)'")
                    ]),
                by: BusConnection.Deadline(milliseconds: Self.timeoutMilliseconds))
        } catch {
            throw SystemdFailure(error, "AddMatch")
        }
    }
}

extension BusValue {
    /// The value of a property, as it travels.
    init(_ value: UnitProperty.Value) {
        switch value {
        case .byte(let number): self = .byte(number)
        case .boolean(let truth): self = .boolean(truth)
        case .int16(let number): self = .int16(number)
        case .uint16(let number): self = .uint16(number)
        case .int32(let number): self = .int32(number)
        case .uint32(let number): self = .uint32(number)
        case .int64(let number): self = .int64(number)
        case .uint64(let number): self = .uint64(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .string(text)
        case .objectPath(let text): self = .objectPath(text)
        case .signature(let text): self = .signature(text)
        case .array(let element, let elements): self = .array(of: element, elements.map { BusValue($0) })
        case .tuple(let members): self = .structure(members.map { BusValue($0) })
        case .variant(let value): self = .variant(BusValue(value))
        }
    }
}
