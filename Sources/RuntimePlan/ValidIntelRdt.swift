/// What the container is to have of the machine's caches and memory bandwidth, resolved: a class of service and a
/// monitoring group of the resctrl file system (config-linux.md, "IntelRdt"; the kernel's arch/x86/resctrl.rst).
package struct ValidIntelRdt: Sendable, Equatable {
    /// Which class of service.
    package enum Class: Sendable, Equatable {
        /// One of the container's own, named after its id.
        case own
        /// The one that the config names.
        case named(String)
        /// The machine's default class, which is the file system's root (`/`).
        case `default`
    }

    /// The class.
    package internal(set) var serviceClass = Class.own
    /// What its `schemata` holds, each element written at once: the caches and the bandwidth of their own members, and then
    /// the lines of `schemata`.
    package internal(set) var schemata: [String] = []
    /// Whether the container gets a monitoring group of its own.
    package internal(set) var isMonitored = false

    /// A class of the container's own that holds what the kernel gives it.
    package init() {}

    /// The folder of the class below the file system's root; nil for the root itself.
    package func folder(id: String) -> String? {
        switch serviceClass {
        case .own: id
        case .named(let name): name
        case .default: nil
        }
    }

    /// `guaranteed`, `guaranteed, monitored`.
    var summary: String {
        let name =
            switch serviceClass {
            case .own: "its own"
            case .named(let name): name
            case .default: "/"
            }
        return isMonitored ? name + ", monitored" : name
    }
}
