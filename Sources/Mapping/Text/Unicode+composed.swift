internal import CUTF8Proc
internal import Glibc

extension Unicode {
    /// Lower case by Unicode's full mapping without context (`Σ` is always `σ`), composed (NFC).
    ///
    /// Bytes that are no UTF-8 come back with U+FFFD in their place.
    static func composedLowercase(_ bytes: [UInt8]) -> [UInt8] {
        composed(Array(String(decoding: composed(bytes), as: UTF8.self).lowercased().utf8))
    }

    /// Normalisation form C; the bytes as they are where they are no UTF-8.
    static func composed(_ bytes: [UInt8]) -> [UInt8] {
        normalised(bytes, UTF8PROC_COMPOSE)
    }

    /// Normalisation form D; the bytes as they are where they are no UTF-8.
    static func decomposed(_ bytes: [UInt8]) -> [UInt8] {
        normalised(bytes, UTF8PROC_DECOMPOSE)
    }

    /// Source: UAX #15, by utf8proc's `utf8proc_map`.
    private static func normalised(_ bytes: [UInt8], _ form: utf8proc_option_t) -> [UInt8] {
        var result: UnsafeMutablePointer<UInt8>?
        let options = utf8proc_option_t(form.rawValue | UTF8PROC_STABLE.rawValue)
        let length = unsafe utf8proc_map(bytes, bytes.count, &result, options)
        // Owned by us from here: utf8proc_map's result comes from malloc.
        defer { unsafe free(result) }
        guard length >= 0, let result = unsafe result else { return bytes }
        return unsafe Array(UnsafeBufferPointer(start: result, count: length))
    }
}
