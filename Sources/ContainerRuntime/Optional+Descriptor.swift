import LinuxSys

/// The number of a descriptor that may not be there: -1 then, which every system call answers with EBADF.
///
/// A function, because `descriptor!.borrowed` would consume, and so close, what it looks at.
func number(of descriptor: borrowing OwnedFD?) -> BorrowedFD {
    switch descriptor {
    case .some(let descriptor): descriptor.borrowed
    case .none: BorrowedFD(rawValue: -1)
    }
}
