/// A request as its handler sees it.
package struct Request: Sendable {
    package let method: Method
    package let target: RequestTarget
    package let headers: Headers
    /// The client's address without its port; empty on a Unix socket. Behind a proxy, the proxy's.
    package let remoteAddress: String
    /// Names this request in logs and answers: the client's own `X-Request-Id` if it sent a plain one.
    package let id: String
    /// What the route's pattern has captured, by name.
    package let captures: [String: String]
    /// The pattern that matched, `/configs/{id}`; empty for the fallback.
    package let route: String
    package let body: RequestBody

    /// The first query item of that name.
    package func query(_ name: String) -> String? {
        target.query.first { $0.name == name }?.value
    }

    /// The client's address where proxies stand between: the last one in `X-Forwarded-For` that no trusted proxy has,
    /// as far as trusted ones have said it. Anyone can send the header; only what a trusted proxy added counts.
    package func clientAddress(trusting isTrusted: (String) -> Bool) -> String {
        var address = remoteAddress
        for earlier in headers.list("X-Forwarded-For").reversed() {
            guard isTrusted(address) else { break }
            address = String(earlier)
        }
        return address
    }

    /// The path, for people and comparisons: segments joined by slashes, decoded.
    package var path: String { "/" + target.segments.joined(separator: "/") }
}

/// A request's content, read once, piece by piece.
package struct RequestBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    enum Source: Sendable {
        case bytes([UInt8])
        case stream(WebServer, UInt64)
    }

    let source: Source
    /// The number of bytes that the client has announced; nil when it sends chunks.
    package let announced: Int64?

    package static let empty = RequestBody(source: .bytes([]), announced: 0)

    /// All of it; throws a `Refusal` with 413 above `limit` bytes.
    package func collect(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in self {
            guard bytes.count + piece.count <= limit else { throw Refusal.contentTooLarge(Int64(limit)) }
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
        }
        return bytes
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(source: source, isDone: false)
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let source: Source
        fileprivate var isDone: Bool

        /// The next piece: 1 byte to 256 KiB; nil at the end.
        package mutating func next() async throws -> [UInt8]? {
            switch source {
            case .bytes(let bytes):
                guard !isDone, !bytes.isEmpty else { return nil }
                isDone = true
                return bytes
            case .stream(let server, let id):
                return try await server.content(id)
            }
        }
    }
}

/// The request is over: its client has left, or it has been answered already.
package struct ClientGone: Error, Sendable, CustomStringConvertible {
    package var description: String { "The request is over: nobody sends its content or takes its answer any more." }
}
