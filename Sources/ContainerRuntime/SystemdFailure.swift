import DBus
import LinuxSys
import OCISpec
import RuntimePlan

/// What systemd, or the way to it, has against what it was asked for.
struct SystemdFailure: Error, Equatable {
    /// The method, and what was said of it: `StartTransientUnit: Unit a.scope already exists`.
    var operation: String
    /// The errno that stands for the error's name; nil for one that no errno stands for.
    var errno: Errno?
    /// The error's own text; empty where none came.
    var text = ""
    /// The JSON pointer of the property that it is about; nil where it is about none, or about none of the config's.
    var pointer: String?

    init(operation: String, errno: Errno?) {
        self.operation = operation
        self.errno = errno
    }

    /// A word with the bus that came to nothing.
    /// - Parameter method: what was called.
    init(_ failure: BusFailure, _ method: String) {
        switch failure {
        case .system(let error):
            // The address is named in the method already, where it counts.
            operation = method
            errno = error.errno
        case .refused(let name, let text):
            errno = Self.errno(of: name)
            self.text = text
            operation = "\(method): \(Self.harmless(text, name))"
        case .malformed(let what):
            operation = "\(method): the bus sent \(what)"
            errno = .EPROTO
        case .unsendable(let what):
            operation = "\(method): can't send \(what)"
            errno = .EINVAL
        case .authentication(let line):
            operation = "\(method): the bus does not believe who calls (\(Self.harmless(line, "REJECTED")))"
            errno = .EACCES
        case .address(let text):
            operation = "\(method): \"\(text)\" is no address of a bus"
            errno = .EINVAL
        case .timeout:
            operation = "\(method): no answer in 30 s"
            errno = .ETIMEDOUT
        case .closed:
            operation = "\(method): the bus has hung up"
            errno = .ECONNRESET
        }
    }

    /// The errno that says the same as a name (sd-bus-errors(3)).
    private static func errno(of name: String) -> Errno? {
        switch name {
        case "org.freedesktop.DBus.Error.AccessDenied",
            "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired":
            .EACCES
        case "org.freedesktop.DBus.Error.InvalidArgs": .EINVAL
        case "org.freedesktop.DBus.Error.PropertyReadOnly": .EROFS
        case "org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Timeout",
            SystemdConnection.timeoutName:
            .ETIMEDOUT
        case "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner":
            .ECONNREFUSED
        case "org.freedesktop.DBus.Error.LimitsExceeded": .EAGAIN
        case "org.freedesktop.systemd1.UnitExists": .EEXIST
        case "org.freedesktop.systemd1.NoSuchUnit": .ENOENT
        case "org.freedesktop.systemd1.NoSuchProcess", "org.freedesktop.DBus.Error.UnixProcessIdUnknown": .ESRCH
        case "org.freedesktop.systemd1.UnitMasked": .EROFS
        case SystemdConnection.resultName + "timeout": .ETIMEDOUT
        case SystemdConnection.resultName + "failed": .EIO
        case let name where name.startsBytewise(with: SystemdConnection.resultName): .EINTR
        default: nil
        }
    }

    /// A text that callers take for no verdict on the user's command: what engines look for stands in none.
    private static func harmless(_ text: String, _ name: String) -> String {
        var text = text
        while text.utf8.last == UInt8(ascii: ".") { text.removeLast() }
        let words = text.lowercased().utf8.split { !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
        for phrase in [
            ["not", "found"], ["no", "such"], ["permission", "denied"], ["not", "permitted"], ["not", "exist"],
            ["executable"],
        ] {
            for start in words.indices where words.count - start >= phrase.count {
                let isThere = phrase.indices.allSatisfy { words[start + $0].elementsEqual(phrase[$0].utf8) }
                if isThere { return name }
            }
        }
        return text.isEmpty ? name : text
    }

    /// The place of a property that systemd does not know, and that is in a file of the group too.
    func refusedProperty(among properties: [UnitProperty]) -> Int? {
        guard let place = place(among: properties), properties[place].isWrittenToo else { return nil }
        return errno == .EROFS || (errno == .EINVAL && properties[place].value == .uint64(0)) ? place : nil
    }

    /// The same failure, with what of the config it is about.
    func about(_ properties: [UnitProperty]) -> SystemdFailure {
        var failure = self
        if let place = place(among: properties) {
            failure.pointer = properties[place].pointer
        } else if errno == nil, let annotated = properties.first(where: { !$0.isWrittenToo }) {
            // systemd does not say which property's type is wrong ("Unexpected message contents"); those of the runtime's
            // own making are right.
            failure.pointer = properties.count { !$0.isWrittenToo } == 1 ? annotated.pointer : "/annotations"
        }
        return failure
    }

    /// The property that the text names: "Cannot set property NAME, or unknown property.", "Value specified in NAME is out
    /// of range", "NAME= ...".
    private func place(among properties: [UnitProperty]) -> Int? {
        guard errno == .EROFS || errno == .EINVAL || text.utf8.contains(UInt8(ascii: "=")) else { return nil }
        let words = text.utf8.split { byte in
            !((UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte))
        }
        return properties.firstIndex { property in
            words.contains { $0.elementsEqual(property.name.utf8) }
        }
    }
}

extension RuntimeError {
    /// systemd refused what a step asks of it.
    init(_ failure: SystemdFailure, at step: Step) {
        self.init(
            step: step.summary, pointer: failure.pointer ?? step.pointer, operation: failure.operation, subject: "",
            errno: failure.errno, hint: failure.errno.flatMap { Hints.hint(step, $0) })
    }

    /// systemd refused what a command asks of it, in no step of a plan.
    init(_ failure: SystemdFailure, unit: String) {
        self.init(.system, "\(failure.operation) (\(unit))\(failure.errno.map { ": " + $0.name } ?? "")")
        errno = failure.errno
        pointer = failure.pointer
    }
}
