/// Reads a form's parts one after another, as they come in.
package struct MultipartReader {
    private var parser: MultipartParser
    private var pieces: RequestBody.Iterator
    private var events: ArraySlice<MultipartParser.Event> = []
    private var isEnded = false

    /// Throws a `MultipartError` (415) if the request is no form.
    package init(_ request: Request, limits: MultipartLimits = MultipartLimits()) throws(MultipartError) {
        parser = try MultipartParser(contentType: request.headers["Content-Type"], limits: limits)
        pieces = request.body.makeAsyncIterator()
    }

    /// The next part; what was not read of the one before is skipped. Nil at the end.
    package mutating func nextPart() async throws -> MultipartPart? {
        while let event = try await nextEvent() {
            if case .part(let part) = event { return part }
        }
        return nil
    }

    /// The next piece of this part's content; nil at its end.
    package mutating func nextPiece() async throws -> [UInt8]? {
        switch events.first {
        case .part: return nil
        default: break
        }
        guard case .data(let bytes) = try await nextEvent() else { return nil }
        return bytes
    }

    /// All of this part's content; throws a `Refusal` with 413 above `limit` bytes.
    package mutating func collect(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await nextPiece() {
            guard bytes.count + piece.count <= limit else { throw Refusal.contentTooLarge(Int64(limit)) }
            bytes += piece
        }
        return bytes
    }

    private mutating func nextEvent() async throws -> MultipartParser.Event? {
        while events.isEmpty, !isEnded {
            if let piece = try await pieces.next() {
                events = try parser.feed(piece)[...]
            } else {
                try parser.finish()
                isEnded = true
            }
        }
        return events.popFirst()
    }
}
