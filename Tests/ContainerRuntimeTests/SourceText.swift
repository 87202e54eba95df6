import Foundation

/// The text of a source file, for what must not stand in it.
enum SourceText {
    static func of(_ module: String, _ file: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("Sources/\(module)/\(file)"), encoding: .utf8)
    }
}
