import HostInspection
import LinuxSys
import ProfileRegistry
import SecurityProfile

/// The registry's files on this host.
struct HostProfileStorage: ProfileStorage {
    func content(of path: String, limit: Int) throws(ProfileError) -> [UInt8]? {
        do throws(SyscallError) {
            return try Files.readFile(path, limit: limit)
        } catch {
            switch error.errno {
            case .ENOENT, .ENOTDIR: return nil
            case .EFBIG: throw .file("\(path): longer than \(limit >> 20) MiB, which no manifest is")
            default: throw .file("\(error)")
            }
        }
    }

    func names(in folder: String) throws(ProfileError) -> [String] {
        do throws(SyscallError) {
            let opened = try Files.open(folder, [.readOnly, .directory])
            return try Files.list(opened.borrowed, subject: folder)
        } catch {
            guard error.errno != .ENOENT else { return [] }
            throw .file("\(error)")
        }
    }

    func write(_ content: [UInt8], to path: String, replacing: Bool) throws(ProfileError) {
        do throws(AtomicFileError) {
            let file = try AtomicFile.open(path, limit: ManifestText.maximumByteCount, mayBeNew: true)
            guard replacing || file.bytes == nil else { throw AtomicFileError.changedMeanwhile(path) }
            try file.replace(with: content, newFilePermissions: 0o644)
        } catch {
            throw .file("\(error)")
        }
    }

    func remove(_ path: String) throws(ProfileError) {
        do throws(SyscallError) { try Files.unlink(path) } catch { throw .file("\(error)") }
    }

    func locked<Result>(
        _ folder: String, _ body: () throws(ProfileError) -> Result
    ) throws(ProfileError) -> Result {
        let lock = try HostProfileStorage.lock(folder)
        let result = try body()
        // Let go here and not before.
        _ = consume lock
        return result
    }

    private static func lock(_ folder: String) throws(ProfileError) -> OwnedFD {
        do throws(SyscallError) {
            try make(folder)
            let opened = try Files.open(folder, [.readOnly, .directory])
            try Files.lock(opened.borrowed, .exclusive, subject: folder)
            return opened
        } catch {
            throw .file("\(error)")
        }
    }

    /// Makes a folder and those that it is in.
    private static func make(_ folder: String) throws(SyscallError) {
        do throws(SyscallError) {
            try Files.makeDirectory(folder, mode: 0o755)
        } catch {
            switch error.errno {
            case .EEXIST: return
            case .ENOENT:
                guard let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/")), slash > folder.utf8.startIndex else {
                    throw error
                }
                try make(String(folder[..<slash]))
                try Files.makeDirectory(folder, mode: 0o755)
            default: throw error
            }
        }
    }
}

extension ProfileRegistry {
    /// The profiles of this host, for whoever runs the program.
    init() { self.init(storage: HostProfileStorage(), folders: ProfileRegistry.foldersOfHost) }

    /// `RAIND_SECURITY_PROFILE_DIR` alone if it is set; `/etc/raind/security-profiles`, before which somebody who isn't
    /// root has a folder of his own (XDG Base Directory Specification).
    private static var foldersOfHost: [String] {
        if let folder = Environment.value(of: "RAIND_SECURITY_PROFILE_DIR"), !folder.isEmpty {
            return [withoutSlashAtEnd(folder)]
        }
        let common = "/etc/raind/security-profiles"
        guard Credentials.userIDs().effective != 0 else { return [common] }
        var base = Environment.value(of: "XDG_CONFIG_HOME") ?? ""
        // The specification has a relative one ignored.
        if base.utf8.first != UInt8(ascii: "/") {
            guard let home = Environment.value(of: "HOME"), home.utf8.first == UInt8(ascii: "/") else {
                return [common]
            }
            base = withoutSlashAtEnd(home) + "/.config"
        }
        return [withoutSlashAtEnd(base) + "/raind/security-profiles", common]
    }

    private static func withoutSlashAtEnd(_ path: String) -> String {
        var path = path
        while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        return path
    }
}
