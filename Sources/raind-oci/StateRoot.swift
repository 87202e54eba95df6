import LinuxSys

/// Where containers' state is kept unless `--root` says otherwise.
enum StateRoot {
    /// `/run/raind-oci` for root of the whole machine, else below `XDG_RUNTIME_DIR`, which an ordinary user's session has
    /// of its own. Root inside a user namespace is such a user, unless USER says root.
    static var standard: String {
        let system = "/run/raind-oci"
        // Set and empty is unset: callers clear it so.
        guard let runtime = Environment.value(of: "XDG_RUNTIME_DIR"), !runtime.isEmpty else { return system }
        if Credentials.userIDs().effective == 0, !isInUserNamespace || Environment.value(of: "USER") == "root" {
            return system
        }
        return runtime + "/raind-oci"
    }

    private static var isInUserNamespace: Bool {
        // A map that can't be read is nobody's reason to use a folder that belongs to the system.
        guard let map = try? Files.readFile("/proc/self/uid_map", limit: 4096) else { return true }
        let words = map.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
        return !(words.count == 3 && words[2].elementsEqual("4294967295".utf8))
    }
}
