import CLinux

/// The C library's heap.
package enum Heap {
    /// Lets the heap grow in steps of `bytes`, and give back only what would be several of them. Address space that nobody
    /// touches is no memory; each step saved is a system call (mallopt(3), M_TOP_PAD).
    package static func setStep(_ bytes: Int32) {
        // Best effort: with the library's own steps it takes a little longer.
        _ = clinux_set_heap_step(bytes)
    }
}
