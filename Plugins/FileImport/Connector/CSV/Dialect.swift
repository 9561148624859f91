/// What the settings say about how a file writes its records.
package struct Dialect: Sendable, Equatable {
    /// nil: found.
    package var encoding: TextEncoding?
    /// One ASCII byte between two fields of a record; nil: found.
    package var delimiter: UInt8?
    /// One ASCII byte around fields that hold delimiters or line ends; nil: none.
    package var quote: UInt8? = UInt8(ascii: "\"")
    /// Whether the first record names the columns; nil: it does, and a warning says if it looks like data.
    package var hasHeader: Bool?
    /// Whether records that break the rules are refused; otherwise read as `Leniencies` says.
    package var isStrict = true
    /// A longer record, line ends and quotes included, ends the reading. Bytes of UTF-8.
    package var maxRecordBytes = 16 * 1024 * 1024
    /// The row that must end the file; nil: none.
    package var trailer: Trailer?

    package init() {}
}

/// How a file writes its records, found out where the settings don't say.
struct CSVLayout: Sendable, Equatable {
    var encoding: FoundEncoding
    var delimiter: FoundDelimiter
    /// A line feed where there is none: as a line end it is never taken for a quote.
    var quote: UInt8
    var hasHeader: Bool
    var isStrict: Bool
    var maxRecordBytes: Int
    var trailer: Trailer?

    static let noQuote = UInt8(ascii: "\n")

    /// What is wrong with text that isn't in the encoding.
    var notText: String {
        encoding.encoding == .utf8
            ? "is not UTF-8" : "has bytes that \(encoding.encoding.rawValue) has no character for"
    }

    /// What to do about it.
    var notTextAdvice: String {
        encoding.encoding == .utf8
            ? "save the file as CSV in UTF-8, or set encoding to what it is in"
            : "set encoding to what the file is in, or save it as CSV in UTF-8"
    }

    /// What was found or told, for whoever looks at the run.
    var found: [String: String] {
        var found = [
            "format": "csv", "encoding": encoding.encoding.rawValue, "encoding_by": encoding.source.rawValue,
            "delimiter": String(UnicodeScalar(delimiter.byte)), "delimiter_by": delimiter.source.rawValue,
            "quote": quote == Self.noQuote ? "" : String(UnicodeScalar(quote)), "header": hasHeader ? "true" : "false",
            "strict": isStrict ? "true" : "false",
        ]
        if trailer != nil { found["declared_by"] = "trailer" }
        return found
    }

    /// Of how records are written.
    var hash: Hash {
        var hash = Hash([delimiter.byte, quote, hasHeader ? 1 : 0, isStrict ? 1 : 0])
        hash.add(encoding.encoding.rawValue.utf8)
        if let trailer { hash.add(trailer.word.utf8) }
        return hash
    }
}
