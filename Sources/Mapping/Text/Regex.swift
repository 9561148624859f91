internal import CRE2

/// A compiled regular expression of RE2: linear in its text, whatever the pattern.
@safe
final class LinearRegex: @unchecked Sendable {
    // Sendable: RE2's matching is const and made for many threads (re2.h, "thread-safe"); the pointer never changes.
    private let pattern: OpaquePointer
    /// In parentheses.
    let groups: Int

    struct Fault: Error {
        var message: String
    }

    init(_ text: String) throws(Fault) {
        // RE2's \C is one byte of a character: what is cut so would be no text.
        guard !Self.cutsCharacters(text) else { throw Fault(message: "\\C cuts characters apart; a point matches one") }
        var message = [CChar](repeating: 0, count: 200)
        var text = text
        let capacity = message.count
        let compiled = text.withUTF8 { bytes in
            unsafe cre2_compile(bytes.baseAddress, bytes.count, &message, capacity)
        }
        guard let compiled = unsafe compiled else {
            let end = message.firstIndex(of: 0) ?? message.count
            throw Fault(message: String(decoding: message[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        unsafe pattern = compiled
        groups = unsafe Int(cre2_groups(compiled))
    }

    private static func cutsCharacters(_ pattern: String) -> Bool {
        var isEscaped = false
        for byte in pattern.utf8 {
            if isEscaped, byte == UInt8(ascii: "C") { return true }
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        }
        return false
    }

    deinit {
        unsafe cre2_free(pattern)
    }

    /// The first match from `start` on: the whole and each group, nil for a group that took no part. nil if there is none.
    func find(in text: Span<UInt8>, from start: Int = 0) -> [Range<Int>?]? {
        var ranges = [Int](repeating: -1, count: 2 * (groups + 1))
        let count = CInt(groups)
        let isFound = unsafe text.withUnsafeBufferPointer { bytes in
            unsafe cre2_find(pattern, bytes.baseAddress, bytes.count, start, &ranges, count)
        }
        guard isFound != 0 else { return nil }
        return (0...groups).map { ranges[2 * $0] < 0 ? nil : ranges[2 * $0]..<ranges[2 * $0 + 1] }
    }
}
