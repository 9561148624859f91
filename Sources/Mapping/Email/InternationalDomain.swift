internal import CIDN2
internal import Glibc

/// Domain names beyond ASCII.
enum InternationalDomain {
    /// The name in lower-case ASCII (`xn--…` labels); nil where it is no IDNA name.
    ///
    /// Source: RFC 5891 with UTS #46 non-transitional mapping, by libidn2's `idn2_lookup_u8`.
    static func ascii(_ name: some Collection<UInt8>) -> [UInt8]? {
        guard !name.isEmpty, !name.contains(0) else { return nil }
        var result: UnsafeMutablePointer<UInt8>?
        let flags = Int32(IDN2_NFC_INPUT.rawValue) | Int32(IDN2_NONTRANSITIONAL.rawValue)
        let status = unsafe idn2_lookup_u8(Array(name) + [0], &result, flags)
        // Owned by us from here: the result comes from libidn2's malloc, and is nil where it failed.
        defer { unsafe idn2_free(result) }
        guard status == IDN2_OK.rawValue, let result = unsafe result else { return nil }
        let length = unsafe strlen(UnsafeRawPointer(result).assumingMemoryBound(to: CChar.self))
        return unsafe Array(UnsafeBufferPointer(start: result, count: length))
    }
}
