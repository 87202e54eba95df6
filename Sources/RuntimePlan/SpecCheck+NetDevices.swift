import LosslessJSON
import OCISpec

extension SpecCheck {
    /// Checks `/linux/netDevices`. Whether a device is there and may move is the kernel's to say.
    mutating func checkNetDevices(_ linux: Linux) {
        guard let devices = linux.netDevices, !devices.isEmpty else { return }
        if !valid.creation.has(.network) {
            report("/linux/netDevices", "needs a network namespace of the container's")
        }
        for entry in devices {
            let pointer = JSONPointer([.name("linux"), .name("netDevices"), .name(entry.key)]).description
            let name = entry.value.name.flatMap { $0.isEmpty ? nil : $0 } ?? entry.key
            let namePointer = entry.value.name == nil ? pointer : pointer + "/name"
            if let fault = Self.fault(ofDeviceName: entry.key) { report(pointer, fault) }
            if entry.key.utf8.elementsEqual("lo".utf8) { report(pointer, "cannot leave its network namespace") }
            if entry.value.name != nil {
                // A template's end is the kernel's to choose.
                let isTemplate = name.hasSuffix("%d")
                if let fault = Self.fault(ofDeviceName: isTemplate ? String(name.dropLast(2)) + "0" : name) {
                    report(namePointer, fault)
                }
                if name.utf8.elementsEqual("lo".utf8) { report(namePointer, "is there in every network namespace") }
            }
            let move = NetDeviceMove(hostName: entry.key, name: name)
            if !move.isTemplate, valid.netDevices.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
                report(namePointer, "two devices would be called \"\(name)\"")
            }
            valid.netDevices.append(move)
        }
    }

    /// What is wrong with the name of a network device, by the kernel's rules (dev_valid_name).
    private static func fault(ofDeviceName name: String) -> String? {
        // IFNAMSIZ, less the NUL.
        guard (1...15).contains(name.utf8.count) else { return "expected 1 to 15 bytes, found \(name.utf8.count)" }
        guard name != ".", name != "..",
            !name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "%") }
            ),
            !name.utf8.contains(where: { $0 == UInt8(ascii: " ") || (9...13).contains($0) || $0 == 0xa0 })
        else { return "expected the name of a network device, found \"\(name)\"" }
        return nil
    }
}
