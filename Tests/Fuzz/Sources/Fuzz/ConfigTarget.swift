import LosslessJSON
import OCISpec
import RuntimePlan

/// What holds of every text on its way to a plan. What doesn't ends the program, as the fuzzer wants it.
struct ConfigTarget {
    let text: [UInt8]
    let circumstances: Circumstances

    /// Goes all the way, or as far as it is let.
    func follow() {
        let json: JSON
        do {
            json = try JSON(parsing: text)
        } catch {
            expect((0...text.count).contains(error.offset), "an error is inside the text")
            expect(error.location.line >= 1 && error.location.column >= 1, "lines and columns count from 1")
            expectOneLine(error.description)
            return
        }
        expect(json.documentBytes == text, "the document keeps its text")
        if circumstances.edits { expectLossless(json) }
        let (spec, unread) = Spec.read(json)
        for problem in unread { expect(problem.location != nil, "the reader knows the place: \(problem)") }
        guard let spec else { return expectOrderly(unread) }
        let valid: ValidSpec
        do {
            valid = try ValidSpec(checking: spec, on: circumstances.host, unread: unread)
        } catch {
            for problem in unread { expect(error.problems.contains(problem), "no problem is lost: \(problem)") }
            return expectOrderly(error.problems)
        }
        expect(unread.isEmpty, "what can't be read is no plan")
        expectSorted(valid.warnings)
        for warning in valid.warnings { expectPlace(warning) }
        expectPrinted(Plan(for: valid, id: "fuzz", options: circumstances.options))
    }

    // MARK: The document

    private func expectLossless(_ json: JSON) {
        let value = JSONValue(json)
        let compact = value.text()
        guard let again = try? JSON(parsing: compact) else { return expect(false, "what is written can be read") }
        expect(JSONValue(again) == value, "what is written says the same")
        expect(again.equals(json), "a copy is equal")
        expect(JSONValue(again).text() == compact, "written twice it is the same")
        if let indented = try? JSON(parsing: value.text(.indented(spaces: 2))) {
            expect(JSONValue(indented) == value, "the layout says nothing")
        } else {
            expect(false, "what is written on lines can be read")
        }
        expect((try? JSONEdit.apply([], to: json)) == text, "no change changes nothing")
        expectEdits(json)
    }

    /// A value that is set leaves every byte outside of it alone, and setting it twice is setting it once.
    private func expectEdits(_ json: JSON) {
        guard json.kind == .object else { return }
        for member in json.members where !member.name.isEmpty {
            let change = JSONEdit.Change.set(path: [member.name], value: "changed")
            guard let edited = try? JSONEdit.apply([change], to: json) else {
                expect(false, "a member can be set")
                continue
            }
            let range = member.value.byteRange
            expect(edited.prefix(range.lowerBound) == text.prefix(range.lowerBound), "what stands before stays")
            expect(edited.suffix(text.count - range.upperBound) == text[range.upperBound...], "what follows stays")
            expect((try? JSONEdit.apply([change, change], to: json)) == edited, "set twice is set once")
            guard let removed = try? JSONEdit.apply([.remove(path: [member.name])], to: json),
                let without = try? JSON(parsing: removed)
            else {
                expect(false, "a member can be removed")
                continue
            }
            expect(without.count == json.count - 1 && without[member.name] == nil, "one member less")
            // One is as good as all, and all would be many in a long object.
            break
        }
    }

    // MARK: The plan

    private func expectPrinted(_ plan: Plan) {
        let steps = plan.runtimeSteps + plan.containerSteps
        let lines = plan.text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // A title for each side, and nothing after the last line feed.
        expect(lines.count == steps.count + 3, "a line a step")
        guard let json = try? JSON(parsing: Array(plan.json.utf8)) else { return expect(false, "the plan is JSON") }
        expect(json["id"]?.stringValue == plan.id, "the plan has its id")
        expect(json["ociVersion"]?.stringValue == plan.spec.ociVersion, "the plan has its version")
        expect(json["warnings"]?.count == plan.spec.warnings.count, "all warnings are told")
        expect(json["steps"]?.count == steps.count, "all steps are told")
        for step in steps {
            guard let pointer = step.pointer else { continue }
            expect(pointer.utf8.first == UInt8(ascii: "/"), "a step's pointer: \(pointer)")
        }
        // The device program is made from what the config says, when the control group is.
        _ = DeviceProgram(plan.spec.cgroup.deviceRules)
        for hierarchy in plan.spec.cgroup.layout.hierarchies {
            let path = plan.spec.cgroup.path(in: hierarchy, id: plan.id)
            expect(path.utf8.first == UInt8(ascii: "/"), "a control group's path is absolute: \(path)")
            expect(!path.split(separator: "/").contains(".."), "no control group lies above its mount: \(path)")
        }
    }
}
