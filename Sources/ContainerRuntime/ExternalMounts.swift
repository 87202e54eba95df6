import CRIUProtocol
import LinuxSys
import OCISpec
import RuntimePlan

/// The mounts of a container whose source lies outside of it. CRIU saves a name in place of what is in them, and mounts
/// what the host has at the name's path when it restores them.
struct ExternalMounts {
    /// One of them.
    struct Mount {
        /// Where it is in the container, and its name.
        let point: String
        /// What is mounted there, on the host.
        let source: String
    }

    /// The name of what covers a masked file.
    private static let null = "/dev/null"

    /// The mounts.
    let mounts: [Mount]
    /// The masked paths.
    let masks: [String]

    /// Those of a config.
    /// - Parameters:
    ///   - bundle: relative sources start there.
    ///   - root: the root file system, as it is on the host.
    init(
        _ spec: ValidSpec, bundle: String, root: BorrowedFD, groups: CgroupTree
    ) throws(SyscallError) {
        var mounts: [Mount] = []
        for action in spec.mounts {
            switch action.source {
            case .bind(let path, _):
                if action.copiesSymlink,
                    (try? Files.status(path.absolute(in: bundle), follow: false))?.type == .symbolicLink
                {
                    continue
                }
                mounts.append(
                    Mount(
                        point: try Self.resolved(action.destination, in: root),
                        source: path.absolute(in: bundle)))
            case .cgroup:
                // In a namespace of its own a container has a file system of its own, which is no matter of the host's.
                guard !spec.creation.has(.cgroup) else { continue }
                let point = try Self.resolved(action.destination, in: root)
                if groups.groups.count == 1, let group = groups.groups.first, group.isUnified {
                    mounts.append(Mount(point: point, source: group.folder))
                    continue
                }
                for group in groups.groups where !group.isUnified {
                    mounts.append(Mount(point: point + "/" + group.hierarchyName, source: group.folder))
                }
            case .filesystem, .remount: break
            }
        }
        if spec.bindsDevices {
            for device in spec.devices {
                mounts.append(
                    Mount(point: try Self.resolved(device.path, in: root), source: device.path.normalized))
            }
        }
        self.mounts = mounts
        masks = try spec.maskedPaths.map { path throws(SyscallError) in try Self.resolved(path, in: root) }
    }

    /// What a dump is told: each mount's name, by where it is.
    /// - Parameter container: the container's root, as its process has it: a mask covers what is there.
    func saved(in container: BorrowedFD) -> [CRIUOptions.Pair] {
        var pairs = mounts.map { CRIUOptions.Pair(key: $0.point, value: $0.point) }
        for mask in masks {
            // Best effort: what isn't there has no mask. A folder's is a tmpfs, which is saved like others.
            guard let place = try? Files.open2(mask, in: container, [.path], resolve: [.inRoot, .noMagicLinks]),
                let status = try? Files.status(of: place.borrowed), status.type != .directory
            else { continue }
            pairs.append(CRIUOptions.Pair(key: mask, value: Self.null))
        }
        return pairs
    }

    /// What a restore is told: what each name is on the host.
    var restored: [CRIUOptions.Pair] {
        var pairs = mounts.map { CRIUOptions.Pair(key: $0.point, value: $0.source) }
        if !masks.isEmpty { pairs.append(CRIUOptions.Pair(key: Self.null, value: Self.null)) }
        return pairs
    }

    /// Where a path of the container leads, without links: what is missing of it is taken as it stands. Looked up in the
    /// root file system on the host both times, so that both come to the same.
    static func resolved(_ path: ContainerPath, in root: BorrowedFD) throws(SyscallError) -> String {
        var rest = Array(path.components.reversed())
        var found: [String] = []
        var links = 0
        while let name = rest.popLast() {
            if name == ".." {
                found = found.dropLast()
                continue
            }
            let place = (found + [name]).joined(separator: "/")
            do throws(SyscallError) {
                let file = try Files.open2(
                    place, in: root, [.path, .noFollow], resolve: [.inRoot, .noMagicLinks, .noSymlinks])
                if try Files.status(of: file.borrowed).type == .symbolicLink {
                    links += 1
                    guard links <= 40 else {
                        throw SyscallError(operation: "openat2", errno: .ELOOP, subject: path.string)
                    }
                    let target = try Files.readLink("", in: file.borrowed)
                    if target.utf8.first == UInt8(ascii: "/") { found = [] }
                    rest += ContainerPath(target).components.reversed()
                    continue
                }
            } catch {
                guard error.errno == .ENOENT || error.errno == .ENOTDIR else { throw error }
            }
            found.append(name)
        }
        return "/" + found.joined(separator: "/")
    }
}
