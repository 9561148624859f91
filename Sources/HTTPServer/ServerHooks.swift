/// What a server leaves to its caller.
package struct ServerHooks: Sendable {
    /// Makes the answer to a request that the server refuses itself. Its content is bytes: it may have to go out
    /// before the request has come in.
    package var refusal: @Sendable (Refusal) -> Response
    /// Makes the answer where a handler has thrown. What is `RefusalConvertible` goes to `refusal` instead.
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
