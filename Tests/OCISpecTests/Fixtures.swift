import Foundation
import LosslessJSON

/// The files below `spec-fixtures/config`.
enum Fixtures {
    /// The text of a file, its path relative to that folder.
    static func bytes(_ path: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: folder.appendingPathComponent(path)))
    }

    /// A file, parsed.
    static func json(_ path: String) throws -> JSON { try JSON(parsing: bytes(path)) }

    /// The names of the JSON files in a folder, without their extension, sorted.
    static func names(in subfolder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(subfolder).path)
            .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("spec-fixtures/config")
}

/// A document that a test writes.
func json(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }
