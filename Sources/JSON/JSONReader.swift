/// Reads a text of any length piece by piece: memory is one chunk and the longest single token.
///
/// As strict as `JSONValue(parsing:)`. After an error the reader is of no more use.
package struct JSONReader: ~Copyable {
    private var scanner: JSONScanner
    private let source: (inout [UInt8]) throws -> Bool

    /// `source` appends the next chunk, of any size, and answers false once nothing more will come.
    package init(limits: JSONLimits = .stream, source: @escaping (inout [UInt8]) throws -> Bool) {
        scanner = JSONScanner(limits: limits)
        self.source = source
    }

    /// The next event; nil after the value's end. Throws `JSONError`, or what the source throws.
    package mutating func next() throws -> JSONEvent? {
        while true {
            switch try scanner.next() {
            case .event(let event):
                return event
            case .end:
                return nil
            case .starved:
                scanner.discardRead()
                let goesOn = try source(&scanner.window)
                try scanner.filled(isComplete: !goesOn)
            }
        }
    }

    /// Bytes before the last event.
    package var offset: Int { scanner.offset }

    /// Arrays and objects that are open after the last event.
    package var depth: Int { scanner.depth }

    /// What the last event says: a name or string without escapes, a number as written.
    package var text: String { scanner.text }

    /// The same as UTF-8, without making a `String`.
    package func withText<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try scanner.withToken(body)
    }

    /// Appends the same, for instance to a column's bytes.
    package func appendText(to bytes: inout [UInt8]) {
        scanner.withToken { text in
            // Proof: the pointer is used inside the closure alone.
            unsafe text.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        }
    }

    /// The whole value that begins with the next event, or nil if there is none: the end of an array or of the text.
    package mutating func nextValue() throws -> JSONValue? {
        guard let first = try next(), first != .endArray, first != .endObject else { return nil }
        return try value(from: first)
    }

    /// The whole value that began with the last event, which was `event` and no name.
    package mutating func value(from event: JSONEvent) throws -> JSONValue {
        var builder = JSONValueBuilder()
        if let value = builder.take(event, from: scanner) { return value }
        while let event = try next() {
            if let value = builder.take(event, from: scanner) { return value }
        }
        throw scanner.faultAtEvent(.unexpectedEnd, "the text ends inside a value")
    }

    /// Passes over the rest of the value that began with the last event, which was `event`.
    package mutating func skip(from event: JSONEvent) throws {
        guard event == .beginObject || event == .beginArray else { return }
        let outside = depth - 1
        while depth > outside, try next() != nil {}
    }
}
