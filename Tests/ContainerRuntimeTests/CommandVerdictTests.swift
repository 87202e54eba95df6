import Foundation
import LinuxSys
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// Engines read some words of an error as a verdict on the user's command: podman makes exit status 126 or 127 of them. No
/// other error, hint or warning may have them.
struct CommandVerdictTests {
    static let words = [
        "not found", "no such file", "permission denied", "operation not permitted", "open executable",
        "executable path is empty",
    ]

    /// The modules whose texts reach a caller of raind-oci.
    static let modules = [
        "raind-oci", "ContainerRuntime", "RuntimePlan", "OCISpec", "LosslessJSON", "LinuxSys", "CLinux",
    ]

    /// Whose texts are about the user's command: why it can't be executed.
    static let filesAboutTheCommand = ["Executable.swift", "ContainerProcess+Program.swift"]

    /// Texts of other programs, which are looked for to be replaced.
    static let replaced = [
        "Operation not permitted", "Permission denied", "No such file or directory",
    ]

    /// Those of CRIU alone.
    static let replacedOfCRIU = ["not found"]

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func verdict(in text: String) -> String? {
        let lower = text.lowercased()
        return words.first { lower.contains($0) }
    }

    /// The literals of a source file, with the number of the line; of texts over several lines, each line.
    static func literals(of source: String) -> [(line: Int, text: String)] {
        var found: [(line: Int, text: String)] = []
        var isInText = false
        for (number, line) in source.components(separatedBy: "\n").enumerated() {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            if trimmed.hasPrefix("//") { continue }
            let isEdge = line.components(separatedBy: "\"\"\"").count == 2
            if isInText && !isEdge { found.append((number + 1, trimmed)) }
            if isEdge { isInText.toggle() }
            if isInText || isEdge { continue }
            var literal: String?
            var isEscaped = false
            for character in line {
                if isEscaped {
                    literal?.append(character)
                    isEscaped = false
                } else if character == "\\" {
                    literal?.append(character)
                    isEscaped = literal != nil
                } else if character == "\"" {
                    if let text = literal {
                        found.append((number + 1, text))
                        literal = nil
                    } else {
                        literal = ""
                    }
                } else {
                    literal?.append(character)
                }
            }
        }
        return found
    }

    @Test func literalsAreSeen() {
        let source =
            "let a = \"one\" + \"t\\\"wo\"\n// \"three\"\nlet b = \"\"\"\n    four\n    \"\"\"\nlet c = \"five\""
        #expect(Self.literals(of: source).map(\.text) == ["one", "t\\\"wo", "four", "five"])
        #expect(Self.literals(of: source).map(\.line) == [1, 1, 4, 6])
    }

    /// The texts themselves, but for those that are about the user's command.
    @Test(arguments: modules) func texts(of module: String) throws {
        let folder = Self.root.appendingPathComponent("Sources").appendingPathComponent(module)
        let enumerator = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var count = 0
        for case let file as URL in enumerator where ["swift", "c", "h"].contains(file.pathExtension) {
            let source = try String(contentsOf: file, encoding: .utf8)
            // The C library's texts are what is to be kept out.
            #expect(!source.contains("strerror(") && !source.contains("perror("), "\(file.lastPathComponent)")
            for literal in Self.literals(of: source) {
                count += 1
                let place = "\(file.lastPathComponent):\(literal.line): \(literal.text)"
                if !Self.filesAboutTheCommand.contains(file.lastPathComponent),
                    !(Self.replaced + Self.replacedOfCRIU).contains(literal.text)
                {
                    #expect(Self.verdict(in: literal.text) == nil, "\(place)")
                }
                // Podman takes a label's file in backticks for a refused label.
                #expect(!literal.text.contains("`") || !literal.text.contains("/attr"), "\(place)")
            }
        }
        #expect(count > 0, "no texts in \(module)")
    }

    /// What the texts are put together to.
    @Test func errorsOfSteps() {
        for row in HintTests.rows {
            let error = RuntimeError(
                SyscallError(operation: "openat2", errno: row.errno, subject: "/srv"), at: row.step)
            #expect(Self.verdict(in: error.text) == nil, "\(error.text)")
        }
        for number in 1...133 as ClosedRange<CInt> {
            let error = RuntimeError(
                SyscallError(operation: "openat2", errno: Errno(rawValue: number), subject: "/srv"),
                in: "open state")
            #expect(Self.verdict(in: error.text) == nil, "\(error.text)")
        }
    }

    /// What newuidmap and newgidmap say is passed on without.
    @Test func wordsOfOthers() {
        for text in Self.replaced {
            let quoted = IDMapProgram.quote(Array("newuidmap: write failed: \(text)\n".utf8), .exited(1))
            #expect(Self.verdict(in: quoted) == nil, "\(quoted)")
        }
    }

    /// So are the words of CRIU's log.
    @Test func wordsOfCRIU() {
        for text in Self.replaced + Self.replacedOfCRIU {
            let told = CRIULog.withoutVerdicts("Can't open: \(text.lowercased()) (\(text))")
            #expect(Self.verdict(in: told) == nil, "\(told)")
        }
    }

    /// What is told about wrong configs, as the fixtures have it.
    @Test func problemsOfConfigs() throws {
        let folder = Self.root.appendingPathComponent("spec-fixtures")
        let enumerator = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var count = 0
        for case let file as URL in enumerator
        where !file.hasDirectoryPath
            && (file.pathExtension == "problems" || ["problems", "warnings"].contains(file.lastPathComponent))
        {
            count += 1
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(Self.verdict(in: text) == nil, "\(file.path)")
        }
        #expect(count > 50, "the fixtures are there")
    }
}
