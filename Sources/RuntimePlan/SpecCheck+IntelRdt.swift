import OCISpec

extension SpecCheck {
    /// Checks `/linux/intelRdt`.
    mutating func check(_ rdt: IntelRdt) {
        var result = ValidIntelRdt()
        if !host.hasResctrl {
            report("/linux/intelRdt", "needs the resctrl file system, which is not mounted on /sys/fs/resctrl")
        }
        if let name = rdt.closID, !name.isEmpty {
            result.serviceClass = name == "/" ? .default : .named(name)
            if name != "/", !Self.isClassName(name) {
                report(
                    "/linux/intelRdt/closID",
                    "expected the name of a folder, or / for the default class, found \"\(name)\"")
            }
        }
        result.schemata = schemata(of: rdt)
        result.isMonitored = rdt.enableMonitoring ?? false
        valid.intelRdt = result
    }

    /// A folder right below the root, and none that the file system has there itself.
    private static func isClassName(_ name: String) -> Bool {
        let bytes = name.utf8
        return bytes.count <= 255 && name != "." && name != ".." && name != "info" && name != "mon_groups"
            && name != "mon_data" && !bytes.contains { $0 == UInt8(ascii: "/") || $0 < 0x20 || $0 == 0x7f }
    }

    private mutating func schemata(of rdt: IntelRdt) -> [String] {
        let pointer = "/linux/intelRdt"
        // The two are one value; the bandwidth has a member of its own.
        var lines: [String] = []
        for line in (rdt.l3CacheSchema ?? "").split(separator: "\n") {
            if line.hasPrefix("MB:") {
                warn(
                    pointer + "/l3CacheSchema", "its line about memory bandwidth is left out, which memBwSchema is for")
            } else {
                lines.append(String(line))
            }
        }
        if let bandwidth = rdt.memBwSchema, !bandwidth.isEmpty {
            if !bandwidth.hasPrefix("MB:") || bandwidth.utf8.contains(UInt8(ascii: "\n")) {
                report(pointer + "/memBwSchema", "expected one line that begins with MB:, found \"\(bandwidth)\"")
            }
            lines.append(bandwidth)
        }
        var values: [String] = []
        if !lines.isEmpty { values.append(lines.map { $0 + "\n" }.joined()) }
        // Last, so that they win (config-linux.md, "IntelRdt").
        let own = (rdt.schemata ?? []).filter { !$0.isEmpty }
        for (place, line) in (rdt.schemata ?? []).enumerated() where line.utf8.contains(UInt8(ascii: "\n")) {
            report("\(pointer)/schemata/\(place)", "expected one line, found several")
        }
        if !own.isEmpty { values.append(own.map { $0 + "\n" }.joined()) }
        return values
    }
}
