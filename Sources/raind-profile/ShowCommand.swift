import ArgumentParser
import LosslessJSON
import OCISpec
import ProfileRegistry
import SecurityProfile
import Yams

/// `raind-profile show`: all that a profile decides.
struct ShowCommand: ParsableCommand {
    /// How it is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, yaml, json
    }

    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows what a profile decides, seccomp as it will stand in config.json.")

    @Argument(help: "The profile's name.", completion: .profileName)
    var name: String

    @Option(name: [.customShort("o"), .customLong("output")], help: "How to print it.")
    var format: Format = .table

    @OptionGroup var architecture: ArchitectureOption

    func run() throws {
        let resolution = try Resolution(
            name, changes: .none, architecture: try architecture.resolved())
        switch format {
        case .table: try Output.print(ProfileTable(resolution).text)
        case .json: try Output.print(String(decoding: document(resolution).text(.indented(spaces: 2)), as: UTF8.self))
        case .yaml: try Output.print(try yaml(document(resolution)))
        }
    }

    private func document(_ resolution: Resolution) -> JSONValue {
        let profile = resolution.profile
        return .object([
            ("name", .string(profile.name.description)),
            ("type", .string(resolution.type)),
            ("capabilities", .object([("base", .strings(profile.capabilities.names))])),
            ("seccomp", profile.seccomp?.json ?? .null),
            ("apparmorProfile", profile.appArmorProfile.map { .string($0) } ?? .null),
            ("noNewPrivileges", .bool(profile.noNewPrivileges)),
        ])
    }

    private func yaml(_ value: JSONValue) throws -> String {
        // The text ends with a line feed, which printing adds again.
        String(try Yams.serialize(node: node(value), width: -1, sortKeys: false).dropLast())
    }

    private func node(_ value: JSONValue) -> Node {
        switch value {
        case .null: Node("null", Tag(.null))
        case .bool(let isTrue): Node(isTrue ? "true" : "false", Tag(.bool))
        case .number(let text): Node(text, Tag(.int))
        case .string(let text): Node(text, Tag(.str))
        case .array(let elements): Node(elements.map { node($0) })
        case .object(let members): Node(members.map { (Node($0.name), node($0.value)) })
        }
    }
}
