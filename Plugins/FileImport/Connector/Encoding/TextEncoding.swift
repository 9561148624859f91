/// How a text's characters are written as bytes; the raw values are those of the setting `encoding`.
package enum TextEncoding: String, CaseIterable, Sendable {
    case utf8 = "utf-8"
    case utf16LE = "utf-16le"
    case utf16BE = "utf-16be"
    case windows1252 = "windows-1252"
    case windows1256 = "windows-1256"
    case iso88591 = "iso-8859-1"
    case iso88596 = "iso-8859-6"

    /// The byte order mark that a text may begin with: U+FEFF in this encoding.
    var mark: [UInt8] {
        switch self {
        case .utf8: [0xEF, 0xBB, 0xBF]
        case .utf16LE: [0xFF, 0xFE]
        case .utf16BE: [0xFE, 0xFF]
        case .windows1252, .windows1256, .iso88591, .iso88596: []
        }
    }

    /// Bytes of an ASCII character.
    var unitBytes: Int {
        self == .utf16LE || self == .utf16BE ? 2 : 1
    }
}
