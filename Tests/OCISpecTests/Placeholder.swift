import Testing

@testable import OCISpec
