/// A message from `criu swrk` (criu_resp of CRIU's images/rpc.proto).
package struct CRIUResponse: Equatable, Sendable {
    /// Something that CRIU tells of on its way (criu_notify).
    package struct Notification: Equatable, Sendable {
        /// What: `network-lock`, `setup-namespaces`, `orphan-pts-master` and the like.
        package var script: String
        /// The first of the restored processes, in CRIU's pid namespace; nil where the notification isn't about it.
        package var pid: Int32?

        /// A notification as given.
        package init(script: String, pid: Int32? = nil) {
            self.script = script
            self.pid = pid
        }
    }

    /// What it answers.
    package var type: CRIUMessageType
    /// Whether that was done.
    package var isSuccess: Bool
    /// The first of the restored processes, in CRIU's pid namespace.
    package var restoredPID: Int32?
    /// What CRIU tells of.
    package var notification: Notification?
    /// The errno of a failure, where CRIU knows one.
    package var errno: Int32?
    /// The first error of CRIU's log, where it passes that on.
    package var errorText: String?
    /// The features that were asked for.
    package var features: CRIUFeatures?
    /// CRIU's version.
    package var version: CRIUVersion?

    /// Reads a packet. Fields that later versions add are passed over.
    /// - Throws: `ProtobufError` for what is no such message.
    package init(decoding bytes: [UInt8]) throws(ProtobufError) {
        var type: Int32?
        var isSuccess: Bool?
        var reader = ProtobufReader(bytes[...])
        while let field = try reader.next() {
            switch field.number {
            case 1: type = try field.int32
            case 2: isSuccess = try field.bool
            case 4: restoredPID = try Self.number(in: field.message)
            case 5: notification = try Notification(reading: field.message)
            case 7: errno = try field.int32
            case 8: features = try CRIUFeatures(reading: field.message)
            case 9: errorText = try field.string
            case 10: version = try CRIUVersion(reading: field.message)
            default: break
            }
        }
        guard let type else { throw .missing(field: 1) }
        guard let isSuccess else { throw .missing(field: 2) }
        self.type = CRIUMessageType(number: type)
        self.isSuccess = isSuccess
    }

    /// criu_restore_resp.
    private static func number(in reader: ProtobufReader) throws(ProtobufError) -> Int32 {
        var reader = reader
        var pid: Int32?
        while let field = try reader.next() {
            if field.number == 1 { pid = try field.int32 }
        }
        guard let pid else { throw .missing(field: 1) }
        return pid
    }
}

extension CRIUResponse.Notification {
    init(reading reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        script = ""
        while let field = try reader.next() {
            switch field.number {
            case 1: script = try field.string
            case 2: pid = try field.int32
            default: break
            }
        }
    }
}

/// CRIU's version (criu_version).
package struct CRIUVersion: Comparable, Sendable, CustomStringConvertible {
    /// 3 of 3.17.1.
    package var major: Int32
    /// 17 of 3.17.1.
    package var minor: Int32
    /// 1 of 3.17.1.
    package var sublevel: Int32

    /// A version as given.
    package init(_ major: Int32, _ minor: Int32, _ sublevel: Int32 = 0) {
        self.major = major
        self.minor = minor
        self.sublevel = sublevel
    }

    init(reading reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        var numbers: [Int: Int32] = [:]
        var isUnreleased = false
        while let field = try reader.next() {
            switch field.number {
            case 1, 2, 4: numbers[field.number] = try field.int32
            case 3: isUnreleased = try !field.string.isEmpty
            default: break
            }
        }
        guard let major = numbers[1] else { throw .missing(field: 1) }
        guard let minor = numbers[2] else { throw .missing(field: 2) }
        self.init(major, minor, numbers[4] ?? 0)
        // Built from the repository, it has what the next minor version will have.
        if isUnreleased { self = CRIUVersion(major, minor == .max ? minor : minor + 1) }
    }

    /// Whether one comes before the other.
    package static func < (left: CRIUVersion, right: CRIUVersion) -> Bool {
        (left.major, left.minor, left.sublevel) < (right.major, right.minor, right.sublevel)
    }

    /// `3.17.1`.
    package var description: String {
        sublevel == 0 ? "\(major).\(minor)" : "\(major).\(minor).\(sublevel)"
    }
}
