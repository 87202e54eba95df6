import LinuxSys
import LosslessJSON
import RuntimePlan

/// What the state remembers of a container's scope: later commands come without the options of create.
struct ScopeRecord: Equatable {
    /// The unit's name.
    var unit: String
    /// Whose unit it is.
    var instance: SystemdInstance
    /// Where systemd was found; nil before that.
    var address: String?
    /// Whether systemd has made it. Before that, a unit of the name is somebody else's.
    var isStarted: Bool

    init(_ unit: TransientUnit) {
        self.unit = unit.name
        instance = unit.instance
        address = nil
        isStarted = false
    }

    /// Reads the member of a record; nil for what is none.
    init?(decoding json: JSON) {
        guard json.kind == .object, let unit = json["unit"]?.stringValue, unit.hasSuffix(".scope"),
            let instance = json["instance"]?.stringValue.flatMap(SystemdInstance.init(rawValue:)),
            let isStarted = json["isStarted"]?.boolValue
        else { return nil }
        self.unit = unit
        self.instance = instance
        self.isStarted = isStarted
        guard let address = json["address"] else { return }
        guard let text = address.stringValue else { return nil }
        self.address = text
    }

    /// Writes the member.
    func write(to writer: inout JSONWriter) {
        writer.name("scope")
        writer.beginObject()
        writer.member("unit", unit)
        writer.member("instance", instance.rawValue)
        if let address { writer.member("address", address) }
        writer.member("isStarted", isStarted)
        writer.endObject()
    }

    /// Ends the scope; its processes have ended, or are to.
    func stop() throws(SystemdFailure) {
        guard isStarted else { return }
        try SystemdConnection(to: instance, remembered: address).stop(unit)
    }
}
