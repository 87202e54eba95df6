package import LosslessJSON
import OCISpec

extension SeccompFilter {
    /// The filter in the form of Docker's profiles, which podman reads too: `archMap` in place of `architectures` where the
    /// list is an architecture with all its sub-architectures, and `args` in every rule.
    package var dockerJSON: JSONValue {
        var document = json
        if let native = architectures.first, architectures.dropFirst().elementsEqual(native.subArchitectures) {
            document["architectures"] = nil
            document["archMap"] = .array([
                .object([
                    ("architecture", .string(native.rawValue)),
                    ("subArchitectures", .strings(native.subArchitectures.map(\.rawValue))),
                ])
            ])
        }
        guard case .array(let rules) = document["syscalls"] else { return document }
        document["syscalls"] = .array(
            rules.map { rule in
                var rule = rule
                if rule["args"] == nil { rule["args"] = .array([]) }
                return rule
            })
        return document
    }
}
