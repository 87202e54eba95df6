// The C library in Yams, whose events Yams itself doesn't show.
internal import CYaml
import SecurityProfile

/// Looks at the shape of a YAML text before Yams makes a tree of it.
///
/// Yams compares a mapping's keys with each other by all that is in them. A key that is a list of aliases of lists of aliases stands
/// for billions of values in a few lines, and comparing it has no end. And it goes into each level by a call of itself, for which the
/// caller's stack (RLIMIT_STACK) may be too small.
enum YAMLShape {
    /// A list or a mapping that is being read.
    private struct Level {
        /// Whether what comes next in it is a key.
        var isKeyNext: Bool
        let isMapping: Bool
        /// The name by which an alias means it, once it has ended.
        let anchor: String?
    }

    /// What is wrong with a value.
    private enum Fault {
        case isKey
        case isTooDeep
        /// It could not be looked at, and Yams may have the memory that was missing here.
        case hasNoMemory
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
        case .hasNoMemory: throw .manifest(place, "there is no memory to read it", remedy: nil)
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
        guard unsafe yaml_parser_initialize(parser) == 1 else { return (1, 1, .hasNoMemory) }
        defer { unsafe yaml_parser_delete(parser) }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        // SAFETY: the bytes outlive the parser.
        unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
        var levels: [Level] = []
        // As Yams has it: the later one of a name replaces the earlier one, and goes on into the next document.
        var isScalar: [String: Bool] = [:]
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else {
                return unsafe parser.pointee.error == YAML_MEMORY_ERROR ? (1, 1, .hasNoMemory) : nil
            }
            defer { unsafe yaml_event_delete(&event) }
            let (line, column) = unsafe (Int(event.start_mark.line) + 1, Int(event.start_mark.column) + 1)
            let isKey = levels.last?.isKeyNext ?? false
            // SAFETY: what an event names ends with a zero and lives until it is deleted.
            switch unsafe event.type {
            case YAML_STREAM_END_EVENT: return nil
            case YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT:
                if isKey { return (line, column, .isKey) }
                let isMapping = unsafe event.type == YAML_MAPPING_START_EVENT
                let anchor =
                    unsafe isMapping ? event.data.mapping_start.anchor : event.data.sequence_start.anchor
                levels.append(Level(isKeyNext: isMapping, isMapping: isMapping, anchor: unsafe name(anchor)))
                if levels.count > maximumDepth { return (line, column, .isTooDeep) }
            case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
                if let name = levels.removeLast().anchor { isScalar[name] = false }
                step(&levels)
            case YAML_SCALAR_EVENT:
                if let name = unsafe name(event.data.scalar.anchor) { isScalar[name] = true }
                step(&levels)
            case YAML_ALIAS_EVENT:
                if isKey, let name = unsafe name(event.data.alias.anchor), isScalar[name] == false {
                    return (line, column, .isKey)
                }
                step(&levels)
            default: break
            }
        }
    }

    /// A value has ended: in a mapping a key and a value take turns.
    private static func step(_ levels: inout [Level]) {
        guard let last = levels.indices.last, levels[last].isMapping else { return }
        levels[last].isKeyNext.toggle()
    }

    private static func name(_ anchor: UnsafePointer<UInt8>?) -> String? {
        guard let anchor = unsafe anchor else { return nil }
        return unsafe String(cString: anchor)
    }
}
