/// A message to `criu swrk` (criu_req of CRIU's images/rpc.proto).
///
/// One is a packet of a SOCK_SEQPACKET connection. CRIU answers each with a `CRIUResponse`; while it dumps or restores it
/// sends notifications first, each of which it waits for a `.notified` to.
///
///     runtime                          criu swrk FD
///        | -- version, keeps open --------> |
///        | <------------------- version --- |
///        | -- dump / restore -------------> |
///        | <------- notify network-lock --- |
///        | -- notified -------------------> |   ... and so on ...
///        | <------------ dump / restore --- |
package enum CRIURequest: Equatable, Sendable {
    /// Saves a process tree.
    case dump(CRIUOptions)
    /// Saves its memory; it goes on.
    case preDump(CRIUOptions)
    /// Makes a process tree anew.
    case restore(CRIUOptions)
    /// Which version CRIU is; another request may follow.
    case version
    /// Which of these features CRIU has on this kernel; another request may follow.
    case checkFeatures(CRIUFeatures)
    /// What a notification asked for is done, or could not be.
    case notified(success: Bool)

    /// The packet.
    package var encoded: [UInt8] {
        var writer = ProtobufWriter()
        writer.int32(1, type.number)
        switch self {
        case .dump(let options), .preDump(let options), .restore(let options):
            writer.message(2) { options.write(to: &$0) }
        case .notified(let success): writer.bool(3, success)
        case .version: writer.bool(4, true)
        case .checkFeatures(let features):
            writer.bool(4, true)
            writer.message(5) { features.write(to: &$0) }
        }
        return writer.bytes
    }

    /// The type that the packet names, and its answer too.
    package var type: CRIUMessageType {
        switch self {
        case .dump: .dump
        case .preDump: .preDump
        case .restore: .restore
        case .version: .version
        case .checkFeatures: .checkFeatures
        case .notified: .notify
        }
    }
}

/// What a message is about (criu_req_type), as far as the runtime asks for it.
package enum CRIUMessageType: Equatable, Sendable {
    /// CRIU could make nothing of a request.
    case empty
    /// DUMP.
    case dump
    /// RESTORE.
    case restore
    /// PRE_DUMP.
    case preDump
    /// NOTIFY.
    case notify
    /// FEATURE_CHECK.
    case checkFeatures
    /// VERSION.
    case version
    /// Any other.
    case other(Int32)

    /// The type of this number.
    package init(number: Int32) {
        self =
            switch number {
            case 0: .empty
            case 1: .dump
            case 2: .restore
            case 4: .preDump
            case 6: .notify
            case 9: .checkFeatures
            case 10: .version
            default: .other(number)
            }
    }

    /// Its number.
    package var number: Int32 {
        switch self {
        case .empty: 0
        case .dump: 1
        case .restore: 2
        case .preDump: 4
        case .notify: 6
        case .checkFeatures: 9
        case .version: 10
        case .other(let number): number
        }
    }
}

/// What CRIU can do on this kernel (criu_features).
package struct CRIUFeatures: Equatable, Sendable {
    /// Which pages were written to since the last dump is known.
    package var tracksMemory: Bool
    /// Memory can be moved when it is first used.
    package var movesPagesLazily: Bool

    /// Features as given.
    package init(tracksMemory: Bool = false, movesPagesLazily: Bool = false) {
        self.tracksMemory = tracksMemory
        self.movesPagesLazily = movesPagesLazily
    }

    init(reading reader: ProtobufReader) throws(ProtobufError) {
        self.init()
        var reader = reader
        while let field = try reader.next() {
            switch field.number {
            case 1: tracksMemory = try field.bool
            case 2: movesPagesLazily = try field.bool
            default: break
            }
        }
    }

    func write(to writer: inout ProtobufWriter) {
        if tracksMemory { writer.bool(1, true) }
        if movesPagesLazily { writer.bool(2, true) }
    }
}
