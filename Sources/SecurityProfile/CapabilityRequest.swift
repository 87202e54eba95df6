package import OCISpec

/// What one layer, a manifest or the command line, wants of the capabilities: `ALL`, or some by name.
package struct CapabilityRequest: Equatable, Sendable {
    /// The capabilities that are named.
    package var named: CapabilitySet
    /// Whether `ALL` stands among them.
    package var isAll: Bool

    /// Asks for nothing.
    package static let none = CapabilityRequest(named: [], isAll: false)

    /// Makes a request.
    package init(named: CapabilitySet, isAll: Bool) {
        self.named = named
        self.isAll = isAll
    }

    /// Reads names as people write them: with or without `CAP_`, in any case, `ALL` for all.
    ///
    /// `option` names where they stand, for the message.
    package init(_ names: some Sequence<String>, option: String) throws(ProfileError) {
        self = .none
        for name in names { try insert(name, option: option) }
    }

    mutating func insert(_ name: String, option: String) throws(ProfileError) {
        if CapabilityRequest.isAll(name) {
            isAll = true
        } else if let capability = Capability(lenientName: name) {
            named.insert(capability)
        } else {
            throw .unknownCapability(name, nearest: CapabilityRequest.nearest(to: name), option: option)
        }
    }

    /// Whether `name` asks for all.
    static func isAll(_ name: String) -> Bool { name.uppercased() == "ALL" }

    /// The capability's name that `name` was probably meant for.
    static func nearest(to name: String) -> String? {
        // Put behind CAP_, next to nothing is near to whatever is short.
        guard name.utf8.count >= 2 else { return nil }
        let name = name.uppercased()
        let full = name.utf8.starts(with: "CAP_".utf8) ? name : "CAP_" + name
        return NearestName.suggest(full, among: Capability.names)
    }
}

/// The changes that one layer makes to the capabilities of those before it.
package struct CapabilityChanges: Equatable, Sendable {
    /// What is added.
    package var added: CapabilityRequest
    /// What is dropped. A drop wins over an addition of the same capability.
    package var dropped: CapabilityRequest

    /// Changes nothing.
    package static let none = CapabilityChanges(added: .none, dropped: .none)

    /// Makes changes.
    package init(added: CapabilityRequest, dropped: CapabilityRequest) {
        self.added = added
        self.dropped = dropped
    }

    /// The changes that a command line asks for. One capability in both options is an error there, since which of the
    /// two was meant can't be told.
    package init(adding added: CapabilityRequest, dropping dropped: CapabilityRequest) throws(ProfileError) {
        self.init(added: added, dropped: dropped)
        try check(layer: "--cap-add and --cap-drop")
        for capability in Capability.allCases {
            guard !added.named.contains(capability) || !dropped.named.contains(capability) else {
                throw .addedAndDropped(capability)
            }
        }
    }

    /// Refuses ALL in both.
    func check(layer: String) throws(ProfileError) {
        if added.isAll && dropped.isAll { throw .allAddedAndDropped(layer: layer) }
    }

    /// The set that these changes make of `base`: dropping ALL leaves only what the same layer adds, adding ALL gives
    /// all that the kernel knows less what is dropped.
    package func applied(to base: CapabilitySet) -> CapabilitySet {
        let start: CapabilitySet = dropped.isAll ? [] : added.isAll ? .all : base
        return start.union(added.named).subtracting(dropped.named)
    }
}
