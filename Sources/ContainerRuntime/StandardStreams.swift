import CRIUProtocol
import LinuxSys
import LosslessJSON
import OCISpec

/// The streams that a container has from its caller. CRIU saves names in place of them, and a restored container has those
/// of its own caller.
///
/// What they were is written beside the images, into the file that other runtimes write and read too: an array of what
/// the three descriptors lead to. Pipes are told apart from those that the container's processes have among themselves by
/// their other end.
struct StandardStreams {
    /// The file's name.
    static let file = "descriptors.json"

    /// What each of the three leads to, `/dev/pts/0`, `pipe:[4711]`, `file[2a:c1]`; empty for one that is closed.
    let names: [String]

    /// Those among the names that are files which the container's mounts don't have.
    var externalFiles: [String] { names.filter { $0.startsBytewise(with: "file[") } }

    /// Names as given.
    init(names: [String]) { self.names = names }

    // MARK: Looking

    /// Those of a container that runs.
    init(of record: ContainerRecord) throws(SyscallError) {
        var processes = try record.cgroups.processes()
        if !processes.contains(record.pid) { processes.append(record.pid) }
        // The first process may have put others in their places.
        processes = [record.pid] + processes.filter { $0 != record.pid }
        let mounts = try Self.mountNumbers(of: record.pid)
        var ends: [PipeEnd]?
        var names: [String] = []
        for number in 0...2 {
            var name = ""
            for process in processes {
                guard let stream = Self.look(number, of: process) else { continue }
                if process == record.pid { name = stream.name }
                if stream.isPipe {
                    let all = ends ?? processes.flatMap(Self.pipeEnds)
                    ends = all
                    guard !all.contains(where: { $0.name == stream.name && $0.writes != stream.writes }) else {
                        continue
                    }
                    name = stream.name
                    break
                }
                // Whatever the first process has there, if it is none of its own pipes.
                guard process == record.pid else { continue }
                if let file = Self.externalName(number, of: process, mounts: mounts) {
                    name = file
                    break
                }
            }
            names.append(name)
        }
        self.names = names
    }

    /// One end of a pipe.
    private struct PipeEnd {
        let name: String
        let writes: Bool
        var isPipe: Bool { name.startsBytewise(with: "pipe:[") }
    }

    private static func look(_ number: Int, of process: Int32) -> PipeEnd? {
        // Best effort: a process may have ended meanwhile, or closed it.
        guard let name = try? Files.readLink("/proc/\(process)/fd/\(number)"),
            let flags = field("flags:", number, of: process).flatMap({ UInt32($0, radix: 8) })
        else { return nil }
        return PipeEnd(name: name, writes: flags & 3 != 0)
    }

    private static func pipeEnds(of process: Int32) -> [PipeEnd] {
        // Best effort, as above.
        guard let folder = try? Files.open("/proc/\(process)/fd", [.directory]),
            let names = try? Files.list(folder.borrowed)
        else { return [] }
        return names.compactMap { name in
            Int(name).flatMap { look($0, of: process) }.flatMap { $0.isPipe ? $0 : nil }
        }
    }

    /// A line of /proc/PID/fdinfo/N (proc(5)), without its name.
    private static func field(_ name: String, _ number: Int, of process: Int32) -> String? {
        guard let text = try? Files.readFile("/proc/\(process)/fdinfo/\(number)", limit: 1 << 16) else { return nil }
        for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: name.utf8) {
            let value = line.dropFirst(name.utf8.count).drop { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
            return String(decoding: value, as: UTF8.self)
        }
        return nil
    }

    private static func mountNumbers(of process: Int32) throws(SyscallError) -> [UInt64] {
        MountTable(parsing: try Files.readFile("/proc/\(process)/mountinfo", limit: 16 << 20)).mounts.map(\.id)
    }

    /// CRIU's name of a file that the container's mounts don't have; nil for one that they have, and for a terminal, which
    /// CRIU takes for itself.
    private static func externalName(_ number: Int, of process: Int32, mounts: [UInt64]) -> String? {
        guard let mount = field("mnt_id:", number, of: process).flatMap({ UInt64($0) }), !mounts.contains(mount),
            let status = try? Files.status("/proc/\(process)/fd/\(number)")
        else { return nil }
        switch status.type {
        case .regular, .directory: break
        case .characterDevice where status.representedDevice.major == 1: break
        default: return nil
        }
        return "file[\(String(mount, radix: 16)):\(String(status.inode, radix: 16))]"
    }

    // MARK: The file

    /// Writes them beside the images.
    func write(to images: BorrowedFD) throws(SyscallError) {
        var writer = JSONWriter()
        writer.beginArray()
        for name in names { writer.string(name) }
        writer.endArray()
        let file = try Files.open(Self.file, in: images, [.writeOnly, .create, .truncate, .noFollow], mode: 0o600)
        try Files.writeAll(file.borrowed, writer.bytes)
    }

    /// Reads them. Images may come from anywhere: what is there is checked.
    /// - Throws: `RuntimeError` for a folder that holds no images.
    init(readingFrom images: BorrowedFD, _ path: String) throws(RuntimeError) {
        let bytes: [UInt8]
        do throws(SyscallError) {
            bytes = try Files.readFile(Self.file, in: images, limit: 1 << 20)
        } catch {
            guard error.errno == .ENOENT else { throw RuntimeError(error, in: "read images") }
            throw RuntimeError(
                .state, "no container was saved in \(path): \(Self.file) is missing",
                hint: "--image-path names the folder that checkpoint wrote to")
        }
        guard let json = try? JSON(parsing: bytes), json.kind == .array else {
            throw RuntimeError(.state, "\(path)/\(Self.file) is damaged: expected an array of texts")
        }
        var names: [String] = []
        for element in json.elements {
            guard let name = element.stringValue, names.count < 3 else {
                throw RuntimeError(.state, "\(path)/\(Self.file) is damaged: expected an array of three texts at most")
            }
            names.append(name)
        }
        self.names = names
    }

    /// What stands in for each that came from outside: the caller's own.
    /// - Parameter null: the host's `/dev/null`, open for both directions.
    func inherited(null: BorrowedFD) -> [CRIUOptions.Inherited] {
        var found: [CRIUOptions.Inherited] = []
        for (number, name) in names.enumerated() {
            guard name.startsBytewise(with: "pipe:[") || name.startsBytewise(with: "file["),
                !found.contains(where: { $0.key == name })
            else { continue }
            // One file for both directions, which none of the caller's streams need be.
            let isInputToo = number == 0 && names.dropFirst().contains(name)
            found.append(
                CRIUOptions.Inherited(key: name, descriptor: isInputToo ? null.rawValue : Int32(number)))
        }
        return found
    }
}
