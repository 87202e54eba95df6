import LosslessJSON
import OCISpec
import RuntimePlan

/// A file of `exec --process`: JSON, Process, ValidSpec within a container's config, Plan.
struct ProcessTarget {
    let text: [UInt8]
    let circumstances: Circumstances

    /// The config of the container that is joined, as the state keeps it.
    private static let joined = """
        {"ociVersion":"1.2.0","process":{"cwd":"/","args":["sh"]},"root":{"path":"rootfs"},"linux":{
        "namespaces":[{"type":"pid"},{"type":"mount"},{"type":"user"}],
        "uidMappings":[{"containerID":0,"hostID":100000,"size":65536}],
        "gidMappings":[{"containerID":0,"hostID":100000,"size":65536}],
        "seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["reboot"],"action":"SCMP_ACT_ERRNO"}]}}}
        """

    func follow() {
        guard let json = try? JSON(parsing: text) else { return }
        let process: Process
        do {
            process = try Process(json)
        } catch {
            for problem in error.problems { expect(problem.location != nil, "the reader knows the place: \(problem)") }
            return expectOrderly(error.problems)
        }
        guard let config = try? JSON(parsing: Array(Self.joined.utf8)), let spec = try? Spec(joining: config) else {
            return expect(false, "the container's config can be read")
        }
        let valid: ValidSpec
        do {
            valid = try ValidSpec(checking: process, joining: spec, on: circumstances.host)
        } catch {
            return expectOrderly(error.problems)
        }
        expectSorted(valid.warnings)
        for warning in valid.warnings { expectPlace(warning) }
        let plan = Plan(joining: valid, id: "fuzz", options: circumstances.options)
        expect(!plan.containerSteps.isEmpty, "there is something to do")
        // What the process is, and not who its container's first process was, is what is run.
        expect(valid.arguments == process.args, "the words of the program: \(valid.arguments)")
    }
}
