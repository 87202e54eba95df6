/// What a manifest says of files and the network for AppArmor (`spec.apparmor.rules`).
package struct AppArmorRules: Equatable, Sendable {
    /// What of the network is allowed; nil is what `raind-default` has.
    package struct Network: Equatable, Sendable {
        /// Raw and packet sockets. Nil: raw ones, which CAP_NET_RAW decides on, and no packet sockets.
        package var raw: Bool?
        /// TCP, in both families. Nil is allowed.
        package var tcp: Bool?

        /// Says what is allowed.
        package init(raw: Bool? = nil, tcp: Bool? = nil) {
            self.raw = raw
            self.tcp = tcp
        }
    }

    /// What may be read, mapped and executed. This list and `readWritePaths` make an allow list together: where either
    /// has an entry, no other file can be opened.
    package var readOnlyPaths: [String]
    /// What may be read and written, and not executed unless `readOnlyPaths` names it too.
    package var readWritePaths: [String]
    /// What can't be opened in any way, whatever the other lists say.
    package var denyPaths: [String]
    /// What is said of the network.
    package var network: Network

    /// States rules.
    package init(
        readOnlyPaths: [String] = [], readWritePaths: [String] = [], denyPaths: [String] = [],
        network: Network = Network()
    ) {
        self.readOnlyPaths = readOnlyPaths
        self.readWritePaths = readWritePaths
        self.denyPaths = denyPaths
        self.network = network
    }
}
