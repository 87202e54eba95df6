/// Why a command ends without having done what was asked.
struct CommandFailure: Error {
    /// One line for people.
    let message: String
    /// 1 where the answer is no, 2 for wrong use and bad input.
    let status: Int32

    /// Bad input, or something that can't be done.
    static func failed(_ message: String) -> CommandFailure { CommandFailure(message: message, status: 2) }

    /// The answer is no.
    static func no(_ message: String) -> CommandFailure { CommandFailure(message: message, status: 1) }
}
