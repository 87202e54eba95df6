import Crypto
import LosslessJSON
import SecurityProfile

/// What the annotation of an applied profile says.
enum ProfileStamp {
    /// `NAME@sha256:HEX`: which profile, and the digest of all that it decides.
    static func text(of profile: ResolvedProfile) throws(JSONValue.CanonicalError) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var hex: [UInt8] = []
        for byte in SHA256.hash(data: try profile.canonicalText()) {
            hex.append(digits[Int(byte >> 4)])
            hex.append(digits[Int(byte & 15)])
        }
        return "\(profile.name)@sha256:" + String(decoding: hex, as: UTF8.self)
    }
}
