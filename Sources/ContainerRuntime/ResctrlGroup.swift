import LinuxSys
import LosslessJSON
import RuntimePlan

/// A container's class of service and its monitoring group, folders of the resctrl file system (the kernel's
/// arch/x86/resctrl.rst).
struct ResctrlGroup: Equatable {
    /// Where the file system is mounted.
    static let mountPoint = "/sys/fs/resctrl"

    /// The class's folder below the mount; nil for the default class, which is the mount's root.
    let className: String?
    /// The monitoring group's folder below the class's `mon_groups`; nil for none.
    let monitoringName: String?
    /// Whether the class was made for the container.
    var isClassMade = false
    /// Whether the monitoring group was.
    var isMonitoringMade = false

    init(className: String?, monitoringName: String?) {
        self.className = className
        self.monitoringName = monitoringName
    }

    /// Reads what a state remembers; nil where that is damaged: a name that leads elsewhere removes what is not ours.
    init?(decoding json: JSON) {
        guard json.kind == .object, let isClassMade = json["isClassMade"]?.boolValue,
            let isMonitoringMade = json["isMonitoringMade"]?.boolValue
        else { return nil }
        for name in ["class", "monitoring"] {
            guard let value = json[name] else { continue }
            guard let text = value.stringValue, !text.isEmpty, text != ".", text != "..",
                !text.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
            else { return nil }
        }
        self.init(className: json["class"]?.stringValue, monitoringName: json["monitoring"]?.stringValue)
        self.isClassMade = isClassMade
        self.isMonitoringMade = isMonitoringMade
    }

    /// The group that a plan asks for.
    init(planned rdt: ValidIntelRdt, id: String) {
        self.init(className: rdt.folder(id: id), monitoringName: rdt.isMonitored ? id : nil)
    }

    /// The class's folder.
    func folder(in root: String) -> String { className.map { root + "/" + $0 } ?? root }

    /// The monitoring group's folder.
    func monitoringFolder(in root: String) -> String? {
        monitoringName.map { folder(in: root) + "/mon_groups/" + $0 }
    }

    /// Whether the file system is mounted where it is looked for.
    static func isMounted(at root: String = mountPoint) -> Bool {
        guard let folder = try? Files.open(root, [.path, .directory]) else { return false }
        return (try? Files.fileSystem(of: folder.borrowed).type) == FileSystemStatus.resctrl
    }

    // MARK: Making

    /// Finds out what there is and what is to be made.
    /// - Throws: `SyscallError` ENOENT where a class that is only named, without what it is to hold, is not there.
    mutating func look(for rdt: ValidIntelRdt, in root: String) throws(SyscallError) {
        let isThere = className == nil ? true : try Files.exists(folder(in: root))
        if !isThere, case .named = rdt.serviceClass, rdt.schemata.isEmpty {
            throw SyscallError(operation: "find class", errno: .ENOENT, subject: folder(in: root))
        }
        isClassMade = !isThere
        isMonitoringMade = monitoringName != nil
    }

    /// Makes the class where it is not there.
    mutating func makeClass(in root: String) throws(SyscallError) {
        guard isClassMade else { return }
        isClassMade = try Self.makeDirectory(folder(in: root))
    }

    /// Says what a class that was made is to hold, and checks what another holds: others live by that, and it is theirs to
    /// change.
    /// - Throws: `SyscallError`; EEXIST where it holds something else.
    func fill(_ rdt: ValidIntelRdt, in root: String) throws(SyscallError) {
        let folder = folder(in: root)
        guard isClassMade else {
            if !rdt.schemata.isEmpty { try Self.check(rdt.schemata, folder) }
            return
        }
        for text in rdt.schemata { try Self.writeSchemata(text, folder, in: root) }
    }

    /// Gives the class other values, all of them or none: the kernel takes a write as a whole.
    /// - Throws: `SyscallError`; EBUSY for a class that is not the container's own, as others live by what it holds.
    func change(to schemata: [String], in root: String) throws(SyscallError) {
        guard isClassMade else {
            throw SyscallError(operation: "change class", errno: .EBUSY, subject: folder(in: root))
        }
        var text = ""
        for line in schemata { text += line + "\n" }
        try Self.writeSchemata(text, folder(in: root), in: root)
    }

    /// Makes the monitoring group.
    /// - Throws: `SyscallError`; EEXIST for one of somebody else's.
    mutating func makeMonitoring(in root: String) throws(SyscallError) {
        guard let monitoring = monitoringFolder(in: root) else { return }
        isMonitoringMade = try Self.makeDirectory(monitoring)
        if !isMonitoringMade { throw SyscallError(operation: "mkdir", errno: .EEXIST, subject: monitoring) }
    }

    /// - Returns: false when it is there already.
    private static func makeDirectory(_ path: String) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            try Files.makeDirectory(path, mode: 0o755)
            return true
        } catch {
            guard error.errno == .EEXIST else { throw error }
            return false
        }
    }

    private static func writeSchemata(_ text: String, _ folder: String, in root: String) throws(SyscallError) {
        do throws(SyscallError) {
            try Files.writeFile(folder + "/schemata", text)
        } catch {
            // The file system says in words what an errno does not.
            guard let status = try? Files.readFile(root + "/info/last_cmd_status", limit: 4096), !status.isEmpty else {
                throw error
            }
            let words = String(decoding: status.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            throw SyscallError(
                operation: error.operation, errno: error.errno, subject: "\(error.subject) (\(words))")
        }
    }

    /// Puts a process into both; what it makes from then on is born there.
    func enter(_ pid: Int32, in root: String) throws(SyscallError) {
        try Files.writeFile(folder(in: root) + "/tasks", String(pid))
        // After the class: a monitoring group takes only what is in its class.
        if let monitoring = monitoringFolder(in: root) { try Files.writeFile(monitoring + "/tasks", String(pid)) }
    }

    // MARK: Comparing

    /// Checks that a class holds what is asked for.
    /// - Throws: `SyscallError` EEXIST with the first domain that is another.
    private static func check(_ schemata: [String], _ folder: String) throws(SyscallError) {
        let path = folder + "/schemata"
        let text = try Files.readFile(path, limit: 1 << 16)
        let held = entries(of: String(decoding: text, as: UTF8.self))
        // What is written last wins.
        var wanted: [Entry] = []
        for entry in schemata.flatMap(entries) {
            wanted.removeAll { $0.resource == entry.resource && $0.domain == entry.domain }
            wanted.append(entry)
        }
        for entry in wanted {
            let found = held.first { $0.resource == entry.resource && $0.domain == entry.domain }
            guard found?.value == entry.value else {
                let text = found.map { ", and not \($0.value)" } ?? ", which is not there"
                throw SyscallError(
                    operation: "compare with \(entry.resource):\(entry.domain)=\(entry.value)\(text) of",
                    errno: .EEXIST,
                    subject: path)
            }
        }
    }

    /// What one domain of a resource has: `7f0` for the cache 0 of `L3:0=7f0;1=1f`.
    private struct Entry {
        var resource: String
        var domain: String
        var value: String
    }

    /// The kernel pads what it prints with spaces and zeros.
    private static func entries(of text: String) -> [Entry] {
        var entries: [Entry] = []
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let resource = trimmed(line[..<colon])
            for part in line[line.index(after: colon)...].split(separator: ";") {
                guard let sign = part.firstIndex(of: "=") else { continue }
                entries.append(
                    Entry(
                        resource: resource, domain: withoutZeros(trimmed(part[..<sign])),
                        value: withoutZeros(trimmed(part[part.index(after: sign)...]).lowercased())))
            }
        }
        return entries
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text
        while rest.first == " " { rest = rest.dropFirst() }
        while rest.last == " " { rest = rest.dropLast() }
        return String(rest)
    }

    private static func withoutZeros(_ text: String) -> String {
        let rest = text.drop { $0 == "0" }
        return rest.isEmpty && !text.isEmpty ? "0" : String(rest)
    }

    // MARK: Removing

    /// Removes what was made for the container. A class that has got other tasks meanwhile stays: without it they would be
    /// in the default class.
    func remove(in root: String) throws(SyscallError) {
        if isMonitoringMade, let monitoring = monitoringFolder(in: root) { try Self.removeDirectory(monitoring) }
        guard isClassMade, className != nil else { return }
        let folder = folder(in: root)
        do throws(SyscallError) {
            guard try Files.readFile(folder + "/tasks", limit: 1 << 24).isEmpty else { return }
        } catch {
            guard error.errno == .ENOENT || error.errno == .ENODEV else { throw error }
        }
        try Self.removeDirectory(folder)
    }

    private static func removeDirectory(_ path: String) throws(SyscallError) {
        do throws(SyscallError) {
            try Files.removeDirectory(path)
        } catch {
            guard error.errno == .ENOENT else { throw error }
        }
    }
}
