import DBus
import LinuxSys
package import RuntimePlan

extension SystemdInstance {
    /// The instance that a caller's containers belong to.
    ///
    /// Root over the whole machine has the system's, and an ordinary user his own. Root of a user namespace may be either
    /// one: what has been let in from a user's session (rootless podman), or a machine of its own with a systemd of its own
    /// (a system container). The folder in which systemd shows that the machine runs on it belongs to root then.
    package static func ofCaller(isHostRoot: Bool) -> SystemdInstance {
        if isHostRoot { return .system }
        guard Credentials.userIDs().effective == 0,
            let status = try? Files.status("/run/systemd/system", follow: false), status.type == .directory,
            status.uid == 0
        else { return .user }
        return .system
    }

    /// The caller's user id as a bus of the host's knows it: outside the caller's user namespace, where it is in one.
    static func ownerID() -> UInt32 {
        let own = Credentials.userIDs().effective
        // Best effort: a bus that believes the kernel, as every one does, needs no number at all.
        guard let map = try? Files.readFile("/proc/self/uid_map", limit: 1 << 14) else { return own }
        for line in map.split(separator: UInt8(ascii: "\n")) {
            let numbers = line.split(separator: UInt8(ascii: " ")).compactMap {
                UInt64(String(decoding: $0, as: UTF8.self))
            }
            guard numbers.count == 3, UInt64(own) >= numbers[0], UInt64(own) - numbers[0] < numbers[2] else { continue }
            return UInt32(exactly: numbers[1] + UInt64(own) - numbers[0]) ?? own
        }
        return own
    }
}

/// A place where an instance of systemd may be found.
struct SystemdPlace {
    /// The socket.
    var address: BusAddress
    /// Whether systemd is alone behind it.
    var isPrivate: Bool

    /// The places, in the order in which they are tried.
    static func list(
        of instance: SystemdInstance, owner: UInt32, remembered: String?
    ) throws(SystemdFailure) -> [SystemdPlace] {
        var places: [SystemdPlace] = []
        func add(_ path: String, isPrivate: Bool = false) {
            places.append(SystemdPlace(address: BusAddress(socketPath: path), isPrivate: isPrivate))
        }
        if let remembered {
            places += try addresses(remembered).map {
                SystemdPlace(address: $0, isPrivate: $0.socketPath.hasSuffix("/systemd/private"))
            }
        }
        switch instance {
        case .system:
            if let text = variable("DBUS_SYSTEM_BUS_ADDRESS") {
                places += try addresses(text).map { SystemdPlace(address: $0, isPrivate: false) }
            } else {
                add("/run/dbus/system_bus_socket")
                add("/run/systemd/private", isPrivate: true)
            }
        case .user:
            if let text = variable("DBUS_SESSION_BUS_ADDRESS") {
                places += try addresses(text).map { SystemdPlace(address: $0, isPrivate: false) }
            }
            // Where nobody says otherwise, where pam_systemd(8) has it.
            let folder = variable("XDG_RUNTIME_DIR") ?? "/run/user/\(owner)"
            add(folder + "/bus")
            add(folder + "/systemd/private", isPrivate: true)
        }
        return places
    }

    private static func addresses(_ text: String) throws(SystemdFailure) -> [BusAddress] {
        do throws(BusFailure) {
            return try BusAddress.list(text)
        } catch {
            throw SystemdFailure(error, "connect")
        }
    }

    /// Set and empty is unset: callers clear it so.
    private static func variable(_ name: String) -> String? {
        Environment.value(of: name).flatMap { $0.isEmpty ? nil : $0 }
    }
}
