import CFuzzer
import Glibc
import LosslessJSON
import OCISpec
import RuntimePlan

/// The program: libFuzzer's own, with its options (`-help=1`).
@main
enum FuzzConfig {
    static func main() {
        var count = CommandLine.argc
        var arguments = unsafe Optional(CommandLine.unsafeArgv)
        // SAFETY: the arguments live as long as the program, and libFuzzer changes the copies of count and pointer.
        exit(unsafe LLVMFuzzerRunDriver(&count, &arguments, testOneInput))
    }
}

/// A config.json as anybody may write one, on the way that create goes with it: JSON, Spec, ValidSpec, Plan.
///
/// The first byte chooses the ``Circumstances``; the rest is the file. What must not happen is a trap, and what
/// ``Expectations`` holds.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    // SAFETY: libFuzzer lends `size` bytes for the length of this call; they are copied here.
    let input = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
    guard let first = input.first else { return 0 }
    Expectations(text: Array(input.dropFirst()), circumstances: Circumstances(first)).follow()
    return 0
}
