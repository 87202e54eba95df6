@testable import ContainerRuntime

/// Files of an image that the runtime looks into: programs, scripts, /etc/passwd.
struct ImageTarget {
    let text: [UInt8]

    init(_ text: [UInt8]) { self.text = text }

    func follow(_ choice: UInt8) {
        switch choice % 4 {
        case 0: followPasswords()
        case 1: followScript()
        default: followProgram()
        }
    }

    private func followPasswords() {
        for uid in [UInt32(0), 1000, .max] {
            guard let number = PasswordFile.field(2, of: uid, in: text) else { continue }
            expect(UInt32(number) == uid, "the line is the user's")
            for place in [0, 5] {
                let field = PasswordFile.field(place, of: uid, in: text)
                expect(field?.contains(":") == false && field?.contains("\n") == false, "a field of one line")
            }
        }
    }

    private func followScript() {
        guard let line = ScriptLine(text) else { return }
        expect(text.starts(with: "#!".utf8), "a script begins so")
        let name = line.interpreter.utf8
        expect(!name.isEmpty && !name.contains { " \t\n".utf8.contains($0) }, "an interpreter is one word")
    }

    private func followProgram() {
        guard let header = ELFHeader(text) else { return }
        expect(!header.machineName.isEmpty, "a machine has a name")
        expect(!(header.isNative && header.isOfThisProcessor), "a program is for one kind")
        guard let loader = header.loader(in: text) else { return }
        expect(!loader.utf8.contains(0) && loader.utf8.count <= 3 * text.count, "a path inside the file")
    }
}
