import LosslessJSON
import OCISpec

@testable import ContainerRuntime

/// What lies in a container's state folder, of whatever age, and whatever became of it: state.json, the file that names the
/// process, the config that was kept, an entry of the cache of filters. The choice is which.
struct StateTarget {
    let text: [UInt8]

    init(_ text: [UInt8]) { self.text = text }

    func follow(_ choice: UInt8) {
        switch choice % 8 {
        case 4: followProcess()
        case 5: followConfig()
        case 6: followCache()
        default: followRecord()
        }
    }

    private func followRecord() {
        let record: ContainerRecord
        do {
            record = try ContainerRecord(decoding: text)
        } catch {
            expect(
                error.kind == .state && error.hint == ContainerRecord.damageHint, "it is said what to do: \(error.text)"
            )
            expect(error.message.hasPrefix("state.json is damaged: "), "it is said what is damaged: \(error.text)")
            return expectOneLine(error.text)
        }
        for group in record.cgroups.groups {
            for path in [group.mountPoint, group.path] {
                let parts = path.utf8.split(separator: UInt8(ascii: "/"))
                expect(path.utf8.first == UInt8(ascii: "/"), "a control group's folder is absolute: \(path)")
                expect(parts.contains { !$0.elementsEqual(".".utf8) }, "a control group isn't the root: \(path)")
                expect(!parts.contains { $0.elementsEqual("..".utf8) }, "a control group is where it says: \(path)")
            }
        }
        for name in [record.resctrl?.className, record.resctrl?.monitoringName] {
            expect(name?.utf8.contains(UInt8(ascii: "/")) != true && name != "..", "a folder's name: \(name ?? "")")
        }
        guard let again = try? ContainerRecord(decoding: record.encoded) else {
            return expect(false, "what is written can be read")
        }
        expect(again.encoded == record.encoded, "written twice it is the same")
        for kind in [HookKind.poststart, .poststop] {
            let hooks = ContainerHooks.decode(record, kind)
            expect(hooks.count == ContainerHooks.decode(again, kind).count, "no hook is lost")
        }
        guard let state = try? JSON(parsing: record.state(.running, pid: 77)) else {
            return expect(false, "what hooks get is JSON")
        }
        expect(state["id"]?.stringValue == record.id, "it has the id")
        expect(state["annotations"]?.count ?? 0 == record.annotations.count, "it has the annotations")
    }

    private func followProcess() {
        guard let process = ProcessIdentity(decoding: text) else { return }
        expect(process.pid > 0, "a process's number is positive")
        expect(ProcessIdentity(decoding: process.encoded) == process, "written and read it is the same")
    }

    private func followConfig() {
        guard let json = try? JSON(parsing: text) else { return }
        do {
            _ = try Spec(joining: json)
        } catch {
            expectOrderly(error.problems)
        }
    }

    /// An entry that was changed anywhere counts for nothing, or is as good as it was.
    private func followCache() {
        guard text.count > 6, let cache = SeccompCache(root: "/nonexistent") else { return }
        let split = 4 + Int(text[3]) * (text.count - 4) / 256
        let config = text[4..<split]
        let filter = Array(text[split...].prefix((text.count - split) / 8 * 8))
        guard !filter.isEmpty else { return }
        var entry = cache.entry(filter, for: config)
        expect(cache.filter(in: entry, for: config) == filter, "what was kept is found")
        let place = (Int(text[0]) << 8 | Int(text[1])) % entry.count
        entry[place] ^= text[2]
        let found = cache.filter(in: entry, for: config)
        expect(found == (text[2] == 0 ? filter : nil), "an entry with byte \(place) changed")
        expect(cache.filter(in: Array(entry.prefix(place)), for: config) == nil, "an entry that ends at \(place)")
    }
}
