package import OCISpec

/// How the container's first process comes to be.
package struct ProcessCreation: Sendable, Equatable {
    /// A namespace that exists and is joined by its path.
    package struct Joined: Sendable, Equatable {
        /// Its type, checked on the descriptor when it is opened.
        package var type: NamespaceType
        /// The path to it on the host.
        package var path: HostPath
        /// Its place in `/linux/namespaces`.
        package var index: Int

        /// A namespace as given.
        package init(type: NamespaceType, path: HostPath, index: Int) {
            self.type = type
            self.path = path
            self.index = index
        }

        /// `/run/netns/a as network`: what errors about it name, each another, since no type is there twice.
        package var place: String { "\(path.string) as \(type.rawValue)" }
    }

    /// The processes it takes.
    package enum Route: String, Sendable {
        /// One clone with every new namespace.
        case direct
        /// One clone with the user and pid namespaces; the process, root in its own user namespace once the maps are
        /// written, makes the others itself, so that they belong to that user namespace.
        case newUserNamespace
        /// A process in between joins and creates the user namespace and the rest and clones the container's process
        /// from there.
        case joinedUserNamespace

        /// Written out: what the standard library has for types with a raw value goes through its generic witnesses.
        package static func == (left: Route, right: Route) -> Bool {
            switch (left, right) {
            case (.direct, .direct), (.newUserNamespace, .newUserNamespace),
                (.joinedUserNamespace, .joinedUserNamespace):
                true
            default: false
            }
        }
    }

    /// The processes it takes.
    package var route: Route
    /// The new namespaces.
    package var new: [NamespaceType]
    /// The joined ones, user namespace first.
    package var joined: [Joined]
    /// The user id map, empty without a new user namespace.
    package var userMap: [IDMapping]
    /// The group id map, empty without a new user namespace.
    package var groupMap: [IDMapping]

    /// A creation as given.
    package init(
        route: Route, new: [NamespaceType], joined: [Joined], userMap: [IDMapping], groupMap: [IDMapping]
    ) {
        self.route = route
        self.new = new
        self.joined = joined
        self.userMap = userMap
        self.groupMap = groupMap
    }

    /// The new namespaces that the clone makes at once. Inside a user namespace that is only the pid namespace, which
    /// unshare(2) could not give to the caller itself. Never the control group namespace: its root is the group that its
    /// maker is in, and the process enters its groups later. Nor the time namespace: nobody can set the clocks of one that
    /// somebody was born into.
    package var clonedNamespaces: [NamespaceType] {
        new.filter { route == .direct ? $0 != .cgroup && $0 != .time : $0 == .user || $0 == .pid }
    }

    /// The new namespaces that the process makes itself, once it is root of its user namespace.
    package var unsharedNamespaces: [NamespaceType] {
        route == .direct ? [] : new.filter { $0 != .user && $0 != .pid && $0 != .cgroup && $0 != .time }
    }

    /// `new pid mount; joined network /run/netns/a`, of what the clone does; nil where that is nothing.
    package var summary: String? {
        var parts: [String] = []
        let cloned = clonedNamespaces
        if !cloned.isEmpty { parts.append("new " + cloned.map { $0.rawValue }.joined(separator: " ")) }
        let entered = joined.filter { route == .joinedUserNamespace || $0.type == .pid }
        if !entered.isEmpty {
            parts.append("in " + entered.map { "\($0.type.rawValue) \($0.path.string)" }.joined(separator: ", "))
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// Whether the container has a namespace of its own of this type, new or joined.
    package func has(_ type: NamespaceType) -> Bool {
        new.contains(type) || joined.contains { $0.type == type }
    }
}
