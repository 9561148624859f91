/// A request before it was looked at: what came over the wire.
struct RawHead: Sendable {
    var method: String
    /// As sent, nothing decoded.
    var target: String
    /// `HTTP/1.1`.
    var version: String
    var fields: [Headers.Field]
    /// Some header is not UTF-8.
    var hasForeignBytes = false
}

/// How much content a request brings.
enum ContentLength: Sendable, Equatable {
    case none
    case known(Int64)
    /// In chunks, until its end.
    case chunked
}

/// A request's head that is good to answer.
struct RequestHead: Sendable {
    var method: Method
    var target: RequestTarget
    var headers: Headers
    var content: ContentLength
    /// The client waits for `100 Continue` before it sends its content.
    var expectsContinue: Bool

    /// Finds what is wrong with a head, and what follows from it. RFC 9112; libmicrohttpd checks little of it.
    init(checking raw: RawHead, limits: ServerSettings) throws(Refusal) {
        try Self.checkFields(raw, limits)
        headers = Headers(raw.fields.map { Headers.Field(name: $0.name, value: $0.value.trimmingBlanks()) })
        guard raw.target.utf8.count <= limits.targetBytes else {
            throw Refusal(.targetTooLong, "target_too_long", "The address has more than \(limits.targetBytes) bytes.")
        }
        if raw.version == "HTTP/1.1" {
            guard headers.all("Host").count == 1 else {
                throw .malformed("A request must have exactly one Host header.")
            }
        }
        content = try Self.content(headers)
        expectsContinue = try Self.expectation(headers)
        guard Headers.isName(raw.method) else { throw .malformed("The method is not a token.") }
        method = Method(raw.method)
        do throws(RequestTarget.Flaw) {
            target = try RequestTarget(parsing: raw.target)
        } catch {
            throw .malformed(error.detail)
        }
    }

    private static func checkFields(_ raw: RawHead, _ limits: ServerSettings) throws(Refusal) {
        guard raw.fields.count <= limits.headerFields,
            raw.fields.reduce(0, { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }) <= limits.headerBytes
        else {
            throw Refusal(
                .headersTooLarge,
                "headers_too_large",
                "The headers have more than \(limits.headerFields) fields or \(limits.headerBytes) bytes."
            )
        }
        guard !raw.hasForeignBytes else { throw .malformed("A header or the address is not UTF-8 text.") }
        for field in raw.fields {
            guard Headers.isName(field.name) else { throw .malformed("A header's name is not a token.") }
            guard Headers.isValue(field.value) else { throw .malformed("A header has a control character.") }
        }
    }

    /// Two servers that read these differently see different requests in one connection: nothing doubtful passes.
    private static func content(_ headers: Headers) throws(Refusal) -> ContentLength {
        let lengths = headers.all("Content-Length")
        let codings = headers.all("Transfer-Encoding")
        guard codings.isEmpty || lengths.isEmpty else {
            throw .malformed("A request must not have both Content-Length and Transfer-Encoding.")
        }
        guard codings.count <= 1, lengths.count <= 1 else {
            throw .malformed("A request must not say twice how long its content is.")
        }
        if let coding = codings.first {
            guard coding.sameIgnoringCase("chunked") else {
                throw Refusal(.notImplemented, "transfer_encoding", "The only transfer coding known here is chunked.")
            }
            return .chunked
        }
        guard let length = lengths.first else { return .none }
        guard !length.isEmpty, length.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let bytes = Int64(length) else {
            throw .malformed("Content-Length is not a number of bytes.")
        }
        return bytes == 0 ? .none : .known(bytes)
    }

    private static func expectation(_ headers: Headers) throws(Refusal) -> Bool {
        guard let expectation = headers["Expect"] else { return false }
        guard expectation.sameIgnoringCase("100-continue") else {
            throw Refusal(
                .expectationFailed,
                "expectation_failed",
                "The only expectation known here is 100-continue."
            )
        }
        return true
    }
}
