import OCISpec
import Testing

@testable import SecurityProfile

@Suite struct AuditTests {
    @Test(arguments: ["default", "dev", "deploy", "restricted", "privileged", "unconfined", "hardened"])
    func nothingIsRefused(name: String) throws {
        let profile = try resolved(name)
        let audited = profile.audited
        #expect(audited.capabilities == profile.capabilities && audited.noNewPrivileges == profile.noNewPrivileges)
        #expect(audited.appArmorProfile == profile.appArmorProfile.map { $0 + "-audit" })
        #expect((audited.seccomp == nil) == (profile.seccomp == nil))
        #expect(audited.audited == audited)
        guard let filter = audited.seccomp, let before = profile.seccomp else { return }
        #expect(([filter.defaultAction] + filter.rules.map(\.action)).allSatisfy { $0.reach == .permits })
        #expect((before.defaultAction == .errno ? .log : .allow) == filter.defaultAction)
        #expect(filter.defaultErrnoReturn == nil && filter.rules.allSatisfy { $0.errnoReturn == nil })
        // What was refused is logged, what was permitted isn't: call by call, at the arguments that matter.
        let old = SeccompDecisions(before)
        let new = SeccompDecisions(filter)
        #expect(!old.names.isEmpty)
        for name in Set(old.names).union(["no_such_call"]) {
            for arguments in try #require(SeccompDecisions.samples(for: name, old, new)) {
                let refused = old.action(for: name, arguments: arguments, overlap: .strictest).reach == .refuses
                let action = new.action(for: name, arguments: arguments, overlap: .strictest)
                #expect(action == (refused ? .log : .allow), "\(name) \(arguments)")
            }
        }
    }

    @Test func everyKindOfRefusalAndNothingElse() {
        let refusals: [SeccompAction] = [.kill, .killProcess, .killThread, .trap, .errno]
        let others: [SeccompAction] = [.notify, .trace, .log]
        let condition = [SeccompCondition(index: 0, .equal, 1)]
        let filter = SeccompFilter(
            defaultAction: .allow,
            rules: (refusals + others).map {
                SeccompRule(names: [$0.rawValue], action: $0, errnoReturn: $0 == .errno ? 7 : nil)
            } + [SeccompRule(names: [SeccompAction.trap.rawValue, "other"], action: .errno, conditions: condition)])
        let audited = filter.audited
        #expect(audited.rules.map(\.action) == [.log, .log, .log, .log, .log, .notify, .trace, .log, .log])
        #expect(audited.rules.last?.names == ["other"] && audited.rules.last?.conditions == condition)
        for action in refusals {
            #expect(
                SeccompFilter(defaultAction: action, defaultErrnoReturn: 1).audited
                    == SeccompFilter(defaultAction: .log))
        }
    }

    @Test func whatIsAlwaysRefusedIsAlwaysLogged() {
        let filter = SeccompFilter(
            defaultAction: .errno,
            rules: [
                SeccompRule(names: ["mount"], action: .killProcess),
                SeccompRule(names: ["mount"], action: .allow, conditions: [SeccompCondition(index: 0, .equal, 1)]),
                SeccompRule(names: ["read"], action: .allow),
            ])
        #expect(filter.audited.rules == [SeccompRule(names: ["read"], action: .allow)])
        #expect(filter.audited.defaultAction == .log)
    }

    @Test func theStamp() throws {
        let digest = String(repeating: "0f", count: 32)
        for suffix in ["", ";audit", ";tightened", ";audit;tightened"] {
            let stamp = try #require(AppliedStamp("deploy@sha256:\(digest)\(suffix)"))
            #expect(stamp.text == "deploy@sha256:\(digest)\(suffix)")
            #expect(stamp.name.description == "deploy" && stamp.digest == digest)
            #expect(stamp.isAudit == suffix.contains("audit") && stamp.isTightened == suffix.contains("tight"))
        }
        for wrong in [
            "", "deploy", "deploy@sha256:", "@sha256:\(digest)", "deploy@sha256:\(digest)0", "Deploy@sha256:\(digest)",
            "deploy@sha256:\(digest.uppercased())", "deploy@sha512:\(digest)", "deploy@sha256:\(digest);",
            "deploy@sha256:\(digest);other", "deploy@sha256:\(digest);audit;audit",
        ] {
            #expect(AppliedStamp(wrong) == nil, "\(wrong)")
        }
    }
}
