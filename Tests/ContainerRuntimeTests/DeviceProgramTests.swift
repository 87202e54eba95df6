import LinuxSys
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// What the kernel's verifier says of device programs.
@Suite(.enabled(if: Credentials.userIDs().effective == 0, "loading a program takes root"))
struct DeviceProgramTests {
    private func check(_ rules: [DeviceRule]) {
        let error = syscallError { () throws(SyscallError) in _ = try BPF.loadDeviceProgram(DeviceProgram(rules).bytes)
        }
        #expect(error == nil, "\(rules.map(\.line))")
    }

    @Test func everyKindOfRule() {
        check([])
        check(DeviceRule.always)
        for kind in [DeviceRule.Kind.all, .block, .character] {
            for access in ["r", "w", "m", "rw", "rm", "wm", "rwm"] {
                for number in [nil, 0, 7, 0x8000_0000, UInt32.max] {
                    for allow in [false, true] {
                        let rule = DeviceRule(allow: allow, kind: kind, major: number, minor: number, access: access)
                        check([rule])
                        check(DeviceRule.always + [rule] + DeviceRule.always)
                    }
                }
            }
        }
    }

    /// Rules that are set again take the place of those before, which would else have a say for ever: both would have to
    /// allow.
    @Test(.enabled(if: unifiedMount != nil, "needs a cgroup2 hierarchy"))
    func rulesReplaceThoseBefore() throws {
        let group = CgroupTree.Group(
            mountPoint: try #require(Self.unifiedMount), path: "/raind-test-devices-\(Processes.processID)",
            isUnified: true, controllers: [])
        let tree = CgroupTree(groups: try CgroupTree.make([group]))
        defer { tree.removeAtFailure() }
        let folder = try Files.open(group.folder, [.directory])
        func programs() throws -> [UInt32] { try BPF.devicePrograms(of: folder.borrowed).ids }
        try DeviceFilter.attach([], to: tree)
        let first = try programs()
        #expect(first.count == 1)
        try DeviceFilter.attach(DeviceRule.always, to: tree)
        let second = try programs()
        #expect(second.count == 1 && second != first)
        // Somebody else's beside it, as an engine's hook may leave one: all go.
        let other = try BPF.loadDeviceProgram(DeviceProgram([]).bytes)
        try BPF.attachDeviceProgram(other.borrowed, to: folder.borrowed, .allowMulti)
        #expect(try programs().count == 2)
        try DeviceFilter.attach(DeviceRule.always, to: tree)
        #expect(try programs().count == 1)
    }

    static let unifiedMount = (try? CgroupLayout.read())?.hierarchies.first { $0.isUnified }?.mountPoint

    /// As many rules as a machine may have devices, each with a part of the accesses only.
    @Test(arguments: [1, 100, 300])
    func manyRules(count: Int) {
        var rules: [DeviceRule] = []
        for number in 0..<UInt32(count) {
            let access = number % 2 == 0 ? "rw" : "r"
            let isAllowed = number % 3 != 0
            rules.append(
                DeviceRule(allow: isAllowed, kind: .character, major: number, minor: number % 7, access: access))
        }
        check(rules)
    }
}
