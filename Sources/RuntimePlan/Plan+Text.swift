import LosslessJSON
import OCISpec

extension Plan {
    /// The plan for a person: a line a step, the runtime's and then the container's process's.
    package var text: String {
        var text = ""
        for (title, steps) in [("runtime", runtimeSteps), ("container", containerSteps)] {
            text += title + ":\n"
            for step in steps {
                text += "  " + step.summary.oneLine
                if let pointer = step.pointer { text += "  (\(pointer.oneLine))" }
                text += "\n"
            }
        }
        return text
    }

    /// The plan for a program: `{"id", "ociVersion", "steps": [{"by", "step", "subject"?, "pointer"?}], "warnings"}`.
    package var json: String {
        var writer = JSONWriter(.indented(spaces: 2))
        writer.beginObject()
        writer.member("id", id)
        writer.member("ociVersion", spec.ociVersion)
        writer.name("steps")
        writer.beginArray()
        for (name, steps) in [("runtime", runtimeSteps), ("container", containerSteps)] {
            for step in steps {
                writer.beginObject()
                writer.member("by", name)
                writer.member("step", "\(step.name)")
                if let subject = step.subject { writer.member("subject", subject) }
                if let pointer = step.pointer { writer.member("pointer", pointer) }
                writer.endObject()
            }
        }
        writer.endArray()
        writer.name("warnings")
        writer.beginArray()
        for warning in spec.warnings { writer.string("\(warning)") }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}
