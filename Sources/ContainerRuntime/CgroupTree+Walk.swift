import LinuxSys

/// The groups below a container's, which the container has made.
extension CgroupTree {
    /// Goes through a group and all below it, by descriptors, of which two are open at a time: a container nests groups deeper
    /// than a path is long, and than there are descriptors.
    /// - Parameters:
    ///   - visit: is called with each group's folder, before those below it.
    ///   - leave: is called with each group below the first by its name, after those below it.
    static func walk(
        _ folder: String, visit: (BorrowedFD) throws(SyscallError) -> Void,
        leave: (_ name: String, _ parent: BorrowedFD) -> Void = { _, _ in }
    ) throws(SyscallError) {
        var current = try Files.open(folder, [.directory])
        try visit(current.borrowed)
        var names: [String] = []
        var left = [try children(of: current.borrowed)]
        while !left.isEmpty {
            if let name = left[left.count - 1].popLast() {
                do throws(SyscallError) {
                    let next = try Files.open(name, in: current.borrowed, [.directory, .noFollow])
                    try visit(next.borrowed)
                    left.append(try children(of: next.borrowed))
                    names.append(name)
                    current = next
                } catch {
                    // It may have gone meanwhile.
                    guard error.errno == .ENOENT || error.errno == .ENODEV else { throw error }
                }
            } else {
                left.removeLast()
                guard let name = names.popLast() else { return }
                let parent = try Files.open("..", in: current.borrowed, [.directory])
                leave(name, parent.borrowed)
                current = parent
            }
        }
    }

    /// The groups right below a group.
    private static func children(of folder: BorrowedFD) throws(SyscallError) -> [String] {
        // Each group has a link to the one above it: mostly there is none to look for among the files.
        guard try Files.status(of: folder).linkCount != 2 else { return [] }
        return try Files.list(folder).filter { name in
            (try? Files.status(name, in: folder, follow: false))?.type == .directory
        }
    }

    /// Removes the groups below a group, as far as they have no processes.
    static func removeBelow(_ folder: String) throws(SyscallError) {
        // Best effort: one that is in use keeps those above it, which tell.
        try walk(folder, visit: { _ in }, leave: { name, parent in try? Files.removeDirectory(name, in: parent) })
    }

    /// Thaws the container's groups and those below: what is frozen on v1 dies only once it is thawed, and the container may
    /// freeze groups of its own.
    func thawAll() throws(SyscallError) {
        guard let freezer = groups.first(where: { $0.controllers.contains("freezer") && !$0.isUnified }) else { return }
        try Self.walk(
            freezer.folder,
            visit: { folder throws(SyscallError) in
                try Files.writeFile("freezer.state", in: folder, "THAWED")
            })
    }
}
