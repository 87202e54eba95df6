import Foundation
import LinuxSys
import LosslessJSON
import OCISpec
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// The filters of the engines' own configs: from the config's words to the answers, by our compiler and by libseccomp.
struct SeccompOfConfigsTests {
    static let paths = [
        "plans/podman/config.json", "plans/podman-userns/config.json", "plans/containerd-pod/config.json",
        "plans/containerd-v2/config.json", "config/valid/podman.json",
    ]

    /// Without what cgroups and devices ask for, which a host without any refuses.
    static func filter(_ path: String) throws -> ValidSeccomp {
        var config = JSONValue(try ConfigFixtures.json(path))
        var linux = try #require(config["linux"])
        linux["resources"] = nil
        config["linux"] = linux
        let spec = try Spec(JSON(parsing: config.text()))
        return try #require(try ValidSpec(checking: spec, on: .root(CgroupLayout(hierarchies: []))).seccomp)
    }

    static let arguments: [[UInt64]] = [
        [], [0], [8], [0x20000], [0x20008], [0xffff_ffff], [16, 3, 9], [16, 3, 0], [1, 1, 9], [2, 1, 0],
        [0x7e02_0000], [0x1000_0000], [40], [38, 1], Array(repeating: .max, count: 6),
    ]

    @Test(arguments: paths)
    func bothBuildersAnswerTheSame(path: String) throws {
        try Self.compare(try Self.filter(path))
    }

    /// The same filters with every third rule asking an agent, those with conditions among them.
    @Test(arguments: ["plans/podman/config.json", "plans/containerd-v2/config.json"])
    func bothBuildersAskTheSame(path: String) throws {
        var filter = try Self.filter(path)
        var rules = try #require(filter.section.syscalls)
        rules.append(
            OCISpec.Seccomp.SyscallRule(
                names: ["mount", "kill", "openat", "socket"], action: .notify,
                args: [OCISpec.Seccomp.Argument(index: 0, value: 16, op: .greaterOrEqual)]))
        for place in stride(from: 0, to: rules.count, by: 3) {
            rules[place].action = .notify
            rules[place].errnoRet = nil
        }
        filter.section.syscalls = rules
        try Self.compare(filter)
        filter.architectures = [.amd64]
        let machine = try SeccompMachine(SeccompProgram.compile(SeccompDescription(filter)))
        let answers = (0...560).map { machine.run(SeccompArchitecture.amd64.auditValue, $0, []).answer }
        #expect(answers.contains(LinuxSys.SeccompAction.notify))
    }

    /// The bits that a filter with a listener is loaded with, and one without.
    @Test func flagsOfAListener() {
        var section = OCISpec.Seccomp(defaultAction: .allow, flags: [.waitKillableReceive, .log, .threadSync])
        let none = ValidSeccomp(section: section, architectures: [.amd64])
        #expect(SeccompFlags(rawValue: none.flags) == [.log, .synchronizeThreads])
        let listener = SeccompListener(path: "/a")
        let all = ValidSeccomp(section: section, architectures: [.amd64], listener: listener)
        #expect(
            SeccompFlags(rawValue: all.flags)
                == [.log, .synchronizeThreads, .synchronizeThreadsOrESRCH, .newListener, .waitKillableReceive])
        section.flags = nil
        let bare = ValidSeccomp(section: section, architectures: [.amd64], listener: listener)
        #expect(SeccompFlags(rawValue: bare.flags) == .newListener)
    }

    static func compare(_ original: ValidSeccomp) throws {
        for architectures in [[.amd64], [.aarch64], [.amd64, .x86, .x32]] as [[SeccompArchitecture]] {
            var filter = original
            filter.architectures = architectures
            let description = SeccompDescription(filter)
            let ours = try SeccompMachine(SeccompProgram.compile(description, with: .direct))
            let theirs = try SeccompMachine(SeccompProgram.compile(description, with: .libseccomp))
            var differences: [String] = []
            for architecture in architectures {
                let audit = architecture.auditValue
                let base: UInt32 = architecture == .x32 ? 0x4000_0000 : 0
                // Of these the library looks at 32 bits only.
                let isNarrow = architecture == .x86 || architecture == .x32
                let possible = Self.arguments.filter { !isNarrow || !$0.contains { $0 > UInt32.max } }
                for number in Array(0...560) + [0x3fff_ffff, 0xffff_ffff - base] as [UInt32] {
                    for arguments in possible {
                        let one = ours.run(audit, base + number, arguments).answer
                        let other = theirs.run(audit, base + number, arguments).answer
                        if one != other {
                            differences.append("\(architecture) \(number) \(arguments): \(one), not \(other)")
                        }
                    }
                }
            }
            #expect(differences.isEmpty, "\(architectures): \(differences.prefix(3))")
        }
    }

    /// Each name of the config has the answer of the first rule whose conditions it meets; all others the default's.
    @Test(arguments: paths, [SeccompArchitecture.amd64, .aarch64])
    func namesHaveTheAnswersOfTheConfig(path: String, architecture: SeccompArchitecture) throws {
        var filter = try Self.filter(path)
        filter.architectures = [architecture]
        let machine = try SeccompMachine(SeccompProgram.compile(SeccompDescription(filter)))
        let audit = architecture.auditValue
        var unconditional: [String: Set<UInt32>] = [:]
        var conditional: Set<String> = []
        for rule in filter.section.syscalls ?? [] {
            for name in rule.names {
                if rule.args?.isEmpty ?? true {
                    unconditional[name, default: []].insert(ValidSeccomp.kernelAction(rule.action, rule.errnoRet))
                } else {
                    conditional.insert(name)
                }
            }
        }
        var looked = 0
        for name in SyscallTable.names(on: architecture) where !conditional.contains(name) {
            let number = try #require(SyscallTable.number(of: name, on: architecture))
            let answer = machine.run(audit, UInt32(number), []).answer
            if let wanted = unconditional[name] {
                looked += 1
                #expect(wanted.contains(answer), "\(name)")
            } else {
                // The default, or ENOSYS for what is newer than all that the filter knows.
                let fallback = ValidSeccomp.kernelAction(filter.section.defaultAction, filter.section.defaultErrnoRet)
                #expect(answer == fallback || answer == SeccompAction.error | 38, "\(name)")
            }
        }
        #expect(looked > 200)
    }

    /// What these filters are known for.
    @Test func podmansFilter() throws {
        var filter = try Self.filter("plans/podman/config.json")
        filter.architectures = [.amd64]
        let machine = try SeccompMachine(SeccompProgram.compile(SeccompDescription(filter)))
        func answer(_ name: String, _ arguments: UInt64...) throws -> UInt32 {
            let number = try #require(SyscallTable.number(of: name, on: SeccompArchitecture.amd64) as Int?)
            return machine.run(SeccompArchitecture.amd64.auditValue, UInt32(number), arguments).answer
        }
        let refused = SeccompAction.error | 1
        #expect(try answer("read") == SeccompAction.allow)
        #expect(try answer("kexec_load") == refused)
        #expect(try answer("init_module") == refused)
        #expect(try answer("personality", 0) == SeccompAction.allow)
        #expect(try answer("personality", 0xffff_ffff) == SeccompAction.allow)
        #expect(try answer("personality", 1) == SeccompAction.error | 38)
        // Audit's netlink socket is refused with EINVAL, others are not.
        #expect(try answer("socket", 16, 3, 9) == SeccompAction.error | 22)
        #expect(try answer("socket", 16, 3, 0) == SeccompAction.allow)
        #expect(try answer("socket", 2, 1, 9) == SeccompAction.allow)
        // Another architecture's call is the end.
        #expect(machine.run(SeccompArchitecture.x86.auditValue, 3, []).answer == SeccompAction.killProcess)
    }
}
