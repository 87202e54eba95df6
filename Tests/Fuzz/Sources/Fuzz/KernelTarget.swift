import HostInspection
import RuntimePlan

@testable import ContainerRuntime
@testable import LinuxSys

/// Texts and messages of the kernel: parts of them are names that processes and users choose.
struct KernelTarget {
    let text: [UInt8]

    init(_ text: [UInt8]) { self.text = text }

    private var twice: [UInt8] { text + [UInt8(ascii: "\n")] + text }
    private var lineCount: Int { text.count { $0 == UInt8(ascii: "\n") } + 1 }

    func follow(_ choice: UInt8) {
        switch choice % 12 {
        case 0: followMounts()
        case 1: followProcessMounts()
        case 2: followStatus()
        case 3: followStat()
        case 4: followGroups()
        case 5: followMaps()
        case 6: followGroupFiles()
        case 7: followLog()
        case 8: followLabels()
        case 9: followRouteAnswers()
        case 10: followList()
        default: break
        }
    }

    private func followMounts() {
        let table = MountTable(parsing: text)
        expect(table.mounts.count <= lineCount, "a mount a line at most")
        expect(MountTable(parsing: twice).mounts.count == 2 * table.mounts.count, "each line is one by itself")
        for mount in table.mounts { expect(!mount.type.isEmpty, "a file system has a type") }
    }

    private func followProcessMounts() {
        let found = ProcessMounts(parsing: text)
        expect(found.mounts.count <= lineCount, "a mount a line at most")
        expect(ProcessMounts(parsing: twice).mounts == found.mounts + found.mounts, "each line is one by itself")
        for path in ["/", "/proc/sys", "/proc//kcore", "/a/b/../c"] {
            expect(found.mounts(along: path).count <= found.mounts.count + 1, "no mount is passed twice")
            _ = found.confinement(of: path)
        }
    }

    private func followStatus() {
        guard let status = ProcessStatus(parsing: text) else { return }
        // What is in a line of its own further down can't be said by a name further up: the first line is the name's.
        expect(ProcessStatus(parsing: text + [UInt8(ascii: "\n")]) == status, "an empty line says nothing")
    }

    private func followStat() {
        guard let (identity, _) = ProcessIdentity.parse(stat: text, of: 77) else { return }
        expect(identity.pid == 77, "the pid is the one that was asked for")
        // Whatever a process calls itself, the numbers behind its name are the kernel's.
        guard let bracket = text.lastIndex(of: UInt8(ascii: ")")) else { return expect(false, "a name in brackets") }
        let renamed = Array("77 (a) b) R 1 (".utf8) + text[bracket...]
        expect(ProcessIdentity.parse(stat: renamed, of: 77)?.identity == identity, "the name says nothing")
    }

    private func followGroups() {
        for group in CgroupLayout.ownGroups(text) {
            expect(!group.controllers.contains(""), "a controller has a name")
            expect(!group.path.contains("\n"), "a path is on one line")
        }
    }

    private func followMaps() {
        let map = UserNamespace.parse(text)
        expect(map.count <= lineCount, "a mapping a line at most")
        if let ids = IDMap(parsing: text) {
            for range in ids.ranges {
                for outside in [
                    range.outside, range.outside &+ range.count, range.outside &+ range.count &- 1, 0, .max,
                ] {
                    if let inside = ids.inside(outside) {
                        expect(
                            ids.ranges.contains { inside >= $0.inside && inside - $0.inside < $0.count },
                            "inside a range")
                    }
                }
            }
        }
    }

    private func followGroupFiles() {
        let named = GroupFiles.named(in: text)
        expect(named.allSatisfy { !$0.name.isEmpty }, "a number has a name")
        expect(GroupFiles.named(in: twice).count == 2 * named.count, "each line is one by itself")
        expect(GroupFiles.numbers(in: twice).count == 2 * GroupFiles.numbers(in: text).count, "each number by itself")
        expect(GroupFiles.lines(in: text).allSatisfy { !$0.contains("") }, "a word isn't empty")
    }

    private func followLog() {
        guard let cause = CRIULog.cause(in: text) else { return }
        for words in ["permission denied", "no such file or directory", "operation not permitted", "not found"] {
            expect(!cause.lowercased().contains(words), "no verdict on a command: \(cause.debugDescription)")
        }
        expect(CRIULog.withoutVerdicts(cause) == cause, "said once it is said")
    }

    private func followLabels() {
        for hasAppArmor in [false, true] {
            let labels = ProcessLabels(appArmor: nil, current: text, hasAppArmor: hasAppArmor)
            for text in [labels.appArmorProfile, labels.selinuxLabel] {
                expect(text?.isEmpty != true && text?.contains("\n") != true, "a label, or none")
            }
        }
    }

    private func followRouteAnswers() {
        guard let answers = RouteAnswer.all(in: text) else { return }
        expect(answers.count <= text.count / 16, "a message has a header")
        for answer in answers {
            for fixed in [0, 8, 16] {
                guard let attributes = answer.attributes(after: fixed) else { continue }
                let bytes = attributes.reduce(0) { $0 + $1.value.count + 4 }
                expect(bytes <= answer.payload.count, "attributes lie in their message")
            }
        }
    }

    private func followList() {
        let text = String(decoding: text, as: UTF8.self)
        expect(Statistics.list(text).count <= text.utf8.count << 16, "a list that ends")
    }
}
