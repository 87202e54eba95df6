import Crypto
import LosslessJSON
import SecurityProfile

/// What tells one resolved profile from another.
enum ProfileDigest {
    /// The SHA-256 of all that the profile decides, in hexadecimal digits.
    static func text(of profile: ResolvedProfile) throws(JSONValue.CanonicalError) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var hex: [UInt8] = []
        for byte in SHA256.hash(data: try profile.canonicalText()) {
            hex.append(digits[Int(byte >> 4)])
            hex.append(digits[Int(byte & 15)])
        }
        return String(decoding: hex, as: UTF8.self)
    }
}
