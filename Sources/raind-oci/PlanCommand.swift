import ContainerRuntime
import LosslessJSON
import RuntimePlan

/// `plan`: what create would do, without doing it.
struct PlanCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) {
        let arguments = invocation.arguments
        let format = arguments.value("format") ?? "text"
        guard ["text", "json"].contains(format) else {
            throw RuntimeError(.usage, "--format: expected text or json, found \(format)")
        }
        let bundle = try BundleReader(
            arguments.operands.first ?? arguments.value("bundle"), config: arguments.value("config"),
            for: invocation)
        for warning in bundle.spec.warnings { invocation.warn("plan: \(warning)") }
        try invocation.checkCgroups(of: bundle.spec)
        let plan = Plan(
            for: bundle.spec, id: "ID", options: PlanOptions(withoutCgroups: invocation.withoutCgroups))
        try Output.write(format == "json" ? plan.json : plan.text)
    }
}
