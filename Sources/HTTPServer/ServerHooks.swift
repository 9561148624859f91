/// What a server leaves to its caller.
package struct ServerHooks: Sendable {
    /// Makes the answer to a request that the server refuses itself.
    package var refusal: @Sendable (Refusal) -> Response
    /// Makes the answer where a handler has thrown. A thrown `Refusal` goes to `refusal` instead.
    package var failure: @Sendable (any Error, Request) -> Response
    /// Told of every request when its last byte is out, on the server's thread: be quick.
    package var accessed: @Sendable (AccessRecord) -> Void
    /// Told what the HTTP library and the server want an operator to know, on the server's thread.
    package var noticed: @Sendable (String) -> Void

    package init(
        refusal: @escaping @Sendable (Refusal) -> Response,
        failure: @escaping @Sendable (any Error, Request) -> Response,
        accessed: @escaping @Sendable (AccessRecord) -> Void = { _ in },
        noticed: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.refusal = refusal
        self.failure = failure
        self.accessed = accessed
        self.noticed = noticed
    }
}

/// One request and how it was answered: what may stand in a log, without addresses' query or headers.
package struct AccessRecord: Sendable {
    package var method: Method
    /// The pattern, `/configs/{id}`; empty where none matched.
    package var route: String
    /// 0 when the client left without an answer.
    package var status: Int
    /// Bytes of the answer's content.
    package var bytes: Int64
    package var duration: Duration
    package var requestID: String
    package var remoteAddress: String
    /// Whether the answer went out whole, as far as the server can tell.
    package var isComplete: Bool
}
