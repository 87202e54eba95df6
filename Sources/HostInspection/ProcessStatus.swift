/// What /proc/PID/status says of a process (proc_pid_status(5)).
package struct ProcessStatus: Equatable, Sendable {
    /// The letter of its state: `R`, `S`, `Z`.
    package var state: Character
    /// Its effective user, as the reader's user namespace numbers users.
    package var uid: UInt32
    /// Capability sets, bit N for capability N.
    package var inheritable: UInt64
    /// As ``inheritable``.
    package var permitted: UInt64
    /// As ``inheritable``.
    package var effective: UInt64
    /// As ``inheritable``.
    package var bounding: UInt64
    /// As ``inheritable``.
    package var ambient: UInt64
    /// Whether no_new_privs is set.
    package var noNewPrivileges: Bool
    /// 0 without seccomp, 1 in strict mode, 2 with filters.
    package var seccompMode: Int
    /// How many filters there are; nil before Linux 5.9.
    package var seccompFilterCount: Int?

    /// Reads the file's text; nil if a line that is needed is missing or no number.
    package init?(parsing text: some Collection<UInt8>) {
        var values: [String: [Substring]] = [:]
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[String(line[..<colon])] = line[line.index(after: colon)...].split { $0 == " " || $0 == "\t" }
        }
        func set(_ name: String) -> UInt64? { values[name]?.first.flatMap { UInt64($0, radix: 16) } }
        func number(_ name: String) -> Int? { values[name]?.first.flatMap { Int($0) } }
        // Real, effective, saved, of the file system.
        guard let state = values["State"]?.first?.first, let users = values["Uid"], users.count == 4,
            let uid = UInt32(users[1]), let inheritable = set("CapInh"), let permitted = set("CapPrm"),
            let effective = set("CapEff"), let bounding = set("CapBnd"), let ambient = set("CapAmb"),
            let noNewPrivileges = number("NoNewPrivs"), let seccompMode = number("Seccomp")
        else { return nil }
        self.state = state
        self.uid = uid
        self.inheritable = inheritable
        self.permitted = permitted
        self.effective = effective
        self.bounding = bounding
        self.ambient = ambient
        self.noNewPrivileges = noNewPrivileges != 0
        self.seccompMode = seccompMode
        seccompFilterCount = number("Seccomp_filters")
    }
}
