internal import ConnectorKit

/// The encoding of a file, and how it is known.
package struct FoundEncoding: Sendable, Equatable {
    package var encoding: TextEncoding
    package var source: Source
    /// Bytes of the byte order mark at the file's start.
    var markBytes: Int

    package enum Source: String, Sendable {
        /// By the setting.
        case told
        /// By the byte order mark.
        case mark
        /// By what the bytes can be and nothing else.
        case bytes
        /// By which letters follow each other: may be wrong.
        case guess
    }
}

/// Finds out how a file's text is encoded: by the setting, a byte order mark, strict UTF-8, the zero bytes of UTF-16, and
/// last by how its letters look; else it asks.
struct EncodingFinder {
    let name: String
    /// The file's first bytes.
    let start: [UInt8]
    /// Whether that is all of it.
    let isWhole: Bool

    func find(told: TextEncoding?) throws(ConnectorFailure) -> FoundEncoding {
        let marked = TextEncoding.allCases.first { !$0.mark.isEmpty && start.starts(with: $0.mark) }
        if let told {
            guard marked == nil || marked == told || told.mark.isEmpty && marked != .utf8 else {
                throw differs(told, marked)
            }
            if told.unitBytes == 1 { try checkForZeros() }
            return FoundEncoding(encoding: told, source: .told, markBytes: marked == told ? told.mark.count : 0)
        }
        if let marked {
            if marked == .utf8 { try checkForZeros() }
            return FoundEncoding(encoding: marked, source: .mark, markBytes: marked.mark.count)
        }
        if let wide = wideEncoding() { return FoundEncoding(encoding: wide, source: .bytes, markBytes: 0) }
        try checkForZeros()
        let sequences = UTF8Sequences(start, isWhole: isWhole)
        if sequences.broken <= sequences.whole {
            return FoundEncoding(encoding: .utf8, source: .bytes, markBytes: 0)
        }
        guard let guessed = EncodingGuess(start).encoding else { throw unknown() }
        return FoundEncoding(encoding: guessed, source: .guess, markBytes: 0)
    }

    // MARK: - UTF-16 without a mark

    /// Text has ASCII characters (delimiters, line ends), and their zero halves stand all on the same side.
    private func wideEncoding() -> TextEncoding? {
        let units = start.count / 2
        guard units >= 2 else { return nil }
        var zeros = (0, 0)
        for index in 0..<units {
            if start[2 * index] == 0 { zeros.0 += 1 }
            if start[2 * index + 1] == 0 { zeros.1 += 1 }
        }
        let encoding: TextEncoding? =
            switch zeros {
            case (0, let odd) where odd * 20 >= units: .utf16LE
            case (let even, 0) where even * 20 >= units: .utf16BE
            default: nil
            }
        guard let encoding else { return nil }
        // Half of what looks like wide characters by chance lies in blocks that no table of people uses.
        let high = encoding == .utf16LE ? 1 : 0
        let likely = (0..<units).count { index in
            let byte = start[2 * index + high]
            return byte <= 0x06 || (0x1E...0x22).contains(byte) || byte >= 0xFB
        }
        return likely * 20 >= units * 19 ? encoding : nil
    }

    private func checkForZeros() throws(ConnectorFailure) {
        guard let position = start.firstIndex(of: 0) else { return }
        throw TextCheck.failure(name, "binary data (a zero byte at offset \(position))")
    }

    // MARK: - Failures

    private func differs(_ told: TextEncoding, _ marked: TextEncoding?) -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "encoding_differs",
            message:
                "\(name) begins with the byte order mark of \(marked?.rawValue ?? ""), but the setting encoding says "
                + "\(told.rawValue); remove the setting, or tell what the file has.",
            pointer: "/encoding"
        )
    }

    private func unknown() -> ConnectorFailure {
        let names = TextEncoding.allCases.map(\.rawValue).joined(separator: ", ")
        return ConnectorFailure(
            .data,
            code: "encoding_unknown",
            message:
                "\(name) is not UTF-8, and its bytes do not say what else it is; set encoding to one of \(names), or save "
                + "the file in UTF-8.",
            pointer: "/encoding"
        )
    }
}

/// How many characters beyond ASCII are whole UTF-8 sequences, and how many bytes are none.
private struct UTF8Sequences {
    var whole = 0
    var broken = 0

    /// A mark of Hebrew or the scripts after it that no text has by itself: DOS's "Íñ" is such bytes.
    private static func isLoneMark(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count == 2, let scalar = String(decoding: bytes, as: UTF8.self).unicodeScalars.first else {
            return false
        }
        return scalar.value >= 0x590 && scalar.properties.generalCategory == .nonspacingMark
            && !scalar.properties.isAlphabetic
    }

    init(_ bytes: [UInt8], isWhole: Bool) {
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte < 0x80 {
                position += 1
                continue
            }
            let count = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            let rest = bytes[position...].prefix(count)
            // A character that the end of the look cuts off says nothing.
            if rest.count < count, !isWhole, byte >= 0xC2, rest.dropFirst().allSatisfy({ $0 & 0xC0 == 0x80 }) { break }
            if rest.count == count, rest.span.isUTF8(0..<count), !Self.isLoneMark(rest) {
                whole += 1
                position += count
            } else {
                broken += 1
                position += 1
            }
        }
    }
}
