// The C library in Yams, whose events Yams itself doesn't show.
internal import CYaml
import SecurityProfile

/// Looks at the shape of a YAML text before Yams makes a tree of it.
///
/// Yams compares a mapping's keys with each other by all that is in them. A key that is a list of aliases of lists of aliases stands
/// for billions of values in a few lines, and comparing it has no end. And it goes into each level by a call of itself, for which the
/// caller's stack (RLIMIT_STACK) may be too small.
enum YAMLShape {
    /// What is being read: a list, or a mapping and whether a key comes next in it.
    private enum Place {
        case list
        case mapping(isKeyNext: Bool)
    }

    /// What is wrong with a value.
    private enum Fault {
        case isKey
        case isTooDeep
    }

    /// Throws where a key is anything but a scalar or an alias of one, and where values lie deeper in each other than
    /// `maximumDepth`. What is no YAML at all is told by whoever reads it.
    static func check(_ text: String, _ source: String, maximumDepth: Int) throws(ProfileError) {
        var text = text
        let found = text.withUTF8 { bytes in unsafe firstFault(in: bytes, maximumDepth) }
        guard let (line, column, fault) = found else { return }
        let place = SourcePlace(source: source, line: line, column: column)
        switch fault {
        case .isKey: throw .manifest(place, "a key is no string", remedy: "write it as one")
        case .isTooDeep: throw tooDeep(place)
        }
    }

    static func tooDeep(_ place: SourcePlace) -> ProfileError {
        .manifest(place, "values lie too deep in each other", remedy: "no manifest needs more than eight levels")
    }

    /// Where the first fault is, and what.
    private static func firstFault(
        in bytes: UnsafeBufferPointer<UInt8>, _ maximumDepth: Int
    ) -> (line: Int, column: Int, Fault)? {
        // The parser keeps a pointer to itself: it may not move.
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { unsafe parser.deallocate() }
        guard unsafe yaml_parser_initialize(parser) == 1 else { return nil }
        defer { unsafe yaml_parser_delete(parser) }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        // SAFETY: the bytes outlive the parser.
        unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
        var places: [Place] = []
        var isScalar: [String: Bool] = [:]
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else { return nil }
            defer { unsafe yaml_event_delete(&event) }
            let (line, column) = unsafe (Int(event.start_mark.line) + 1, Int(event.start_mark.column) + 1)
            let isKey = if case .mapping(isKeyNext: true)? = places.last { true } else { false }
            // SAFETY: what an event names ends with a zero and lives until it is deleted.
            switch unsafe event.type {
            case YAML_STREAM_END_EVENT: return nil
            case YAML_DOCUMENT_START_EVENT: isScalar = [:]
            case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
                places.removeLast()
                step(&places)
            case YAML_ALIAS_EVENT:
                let name = unsafe name(event.data.alias.anchor)
                if isKey, let name, isScalar[name] == false { return (line, column, .isKey) }
                step(&places)
            case YAML_SCALAR_EVENT:
                if let name = unsafe name(event.data.scalar.anchor) { isScalar[name] = true }
                step(&places)
            case YAML_SEQUENCE_START_EVENT:
                if isKey { return (line, column, .isKey) }
                if let name = unsafe name(event.data.sequence_start.anchor) { isScalar[name] = false }
                places.append(.list)
            case YAML_MAPPING_START_EVENT:
                if isKey { return (line, column, .isKey) }
                if let name = unsafe name(event.data.mapping_start.anchor) { isScalar[name] = false }
                places.append(.mapping(isKeyNext: true))
            default: break
            }
            if places.count > maximumDepth { return (line, column, .isTooDeep) }
        }
    }

    /// A value has ended: in a mapping a key and a value take turns.
    private static func step(_ places: inout [Place]) {
        guard case .mapping(let isKeyNext)? = places.last else { return }
        places[places.count - 1] = .mapping(isKeyNext: !isKeyNext)
    }

    private static func name(_ anchor: UnsafePointer<UInt8>?) -> String? {
        guard let anchor = unsafe anchor else { return nil }
        return unsafe String(cString: anchor)
    }
}
