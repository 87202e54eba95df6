import CCap

/// The names of capabilities, from libcap.
package enum CapabilityNames {
    /// `CAP_CHOWN` of 0 and so on; nil for a number that libcap has no name for.
    package static func name(of capability: Int32) -> String? {
        // SAFETY: a C string of libcap's, freed below after it is copied.
        guard capability >= 0, let text = unsafe cap_to_name(capability) else { return nil }
        let name = unsafe String(cString: text)
        // Best effort: it only says that the text was not libcap's.
        _ = unsafe cap_free(text)
        // A number without a name comes back in digits.
        return name.hasPrefix("cap_") ? name.uppercased() : nil
    }

    /// The capability called `name`, `CAP_CHOWN` for one, in capitals or not; nil for anything else.
    package static func number(of name: String) -> Int32? {
        // libcap would take digits, too, and read no further than a NUL or a blank.
        guard name.utf8.count > 4, name.utf8.prefix(4).elementsEqual("CAP_".utf8) || name.hasPrefix("cap_"),
            name.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || ($0 | 0x20) &- UInt8(ascii: "a") < 26 })
        else {
            return nil
        }
        var number: cap_value_t = 0
        // SAFETY: the C string lives as long as the call, which writes one number.
        let result = unsafe name.withCText { unsafe cap_from_name($0, &number) }
        return result == 0 ? number : nil
    }

    /// How many capabilities the running kernel has, according to libcap: the highest number and one.
    package static var count: Int32 { cap_max_bits() }
}
