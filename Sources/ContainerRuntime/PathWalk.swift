import LinuxSys

/// Where a path leads, component by component, as path_resolution(7) has it: to find out which of them is in the way.
enum PathWalk {
    /// What came of it.
    enum Result {
        /// The file that the path means, by a path without links.
        case leads(to: String, FileStatus)
        /// Why the path leads nowhere.
        case ends(String)
        /// What can't be told from outside: a link of procfs leads where its text does not, for one.
        case unknown
    }

    /// How many links the kernel follows (MAXSYMLINKS).
    private static let maximumLinks = 40

    /// Follows a path with the calling process's rights, which are those of `user`.
    static func follow(_ path: String, as user: String) -> Result {
        var place = path.utf8.first == UInt8(ascii: "/") ? "/" : "."
        // The next one last.
        var rest = components(of: path)
        var links = 0
        var lastLink: (from: String, to: String)?
        func told(_ reason: String) -> Result {
            guard let lastLink else { return .ends(reason) }
            return .ends("\(lastLink.from) is a link to \(lastLink.to), and \(reason)")
        }
        do throws(SyscallError) {
            var status = try Files.status(place)
            while let name = rest.popLast() {
                guard status.type == .directory else { return told("\(place) is no directory") }
                let next = join(place, name)
                let found: FileStatus
                do throws(SyscallError) {
                    found = try Files.status(next, follow: false)
                } catch {
                    switch error.errno {
                    case .EACCES:
                        return told(
                            "the directory \(place) has the mode \(ExecutionObstacle.text(of: status)), and is to be searched by \(user)"
                        )
                    case .ENOENT: return told("\(next) is missing")
                    case .ENAMETOOLONG: return told("a name in it is longer than the file system takes")
                    default: return .unknown
                    }
                }
                guard found.type == .symbolicLink else {
                    place = next
                    status = found
                    continue
                }
                let link = try Files.open(next, [.path, .noFollow])
                if try Files.fileSystem(of: link.borrowed).type == FileSystemStatus.procfs { return .unknown }
                links += 1
                guard links <= maximumLinks else {
                    return .ends("more than \(maximumLinks) links lead on from each other, and \(next) is one of them")
                }
                let target = try Files.readLink(next)
                lastLink = (next, target)
                if target.utf8.first == UInt8(ascii: "/") {
                    place = "/"
                    status = try Files.status(place)
                }
                rest += components(of: target)
            }
            return .leads(to: place, status)
        } catch {
            return .unknown
        }
    }

    /// The components that lead on, the last one first.
    private static func components(of path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).reversed().compactMap {
            $0.elementsEqual(".".utf8) ? nil : String($0)
        }
    }

    private static func join(_ folder: String, _ name: String) -> String {
        // The folder has no links, so `..` can be left to the kernel.
        folder.utf8.last == UInt8(ascii: "/") ? folder + name : folder + "/" + name
    }
}
