extension Plan {
    /// What comes before a container is restored, in order: the id, and control groups with the limits that the config has
    /// for a new one. What the container's process does when it is created is in the images of the one that was saved.
    package var restoringSteps: [Step] {
        runtimeSteps.prefix { !$0.startsScope }.filter { $0.isOfGroups || $0 == .claimID }
    }

    /// What comes once the process is there that systemd is to make a scope around; none where the runtime makes the groups.
    package var restoringScopeSteps: [Step] {
        runtimeSteps.drop { !$0.startsScope }.filter(\.isOfGroups)
    }
}

extension Step {
    fileprivate var startsScope: Bool {
        if case .startScope = self { true } else { false }
    }

    fileprivate var isOfGroups: Bool {
        switch self {
        case .connectSystemd, .startScope, .makeCgroups, .setCgroup, .delegateCgroup, .filterDevices, .limitDevices:
            true
        default: false
        }
    }
}
