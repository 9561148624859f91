package import JSON
package import Platform

/// An answer. The server adds `Date`, `X-Request-Id` and what frames the content.
package struct Response: Sendable {
    package var status: Status
    /// Framing and `Connection` are the server's: those set here are left out.
    package var headers: Headers
    package var body: Body
    /// What the access record tells besides: names and values for the log, the client never sees them.
    package var notes: [String: String] = [:]

    package enum Body: Sendable {
        case bytes([UInt8])
        /// Sent by the kernel, without passing through the process.
        case file(OpenFile)
        /// Written while it goes out; a thrown error breaks the connection, so that nobody takes it for whole.
        case stream(@Sendable (BodyWriter) async throws -> Void)
        /// Server-sent events, until the closure returns, the client leaves or the server stops.
        case events(@Sendable (EventStream) async throws -> Void)
    }

    package init(_ status: Status = .ok, headers: Headers = [:], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package static func text(_ text: String, status: Status = .ok) -> Response {
        Response(status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: .bytes(Array(text.utf8)))
    }

    package static func json(_ value: JSONValue, status: Status = .ok) -> Response {
        json(bytes: value.serialized(), status: status)
    }

    /// `bytes`: JSON in UTF-8.
    package static func json(bytes: [UInt8], status: Status = .ok) -> Response {
        Response(status, headers: ["Content-Type": "application/json"], body: .bytes(bytes))
    }

    package static func events(_ send: @escaping @Sendable (EventStream) async throws -> Void) -> Response {
        // X-Accel-Buffering: nginx would hold events back.
        let headers: Headers = [
            "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
        ]
        return Response(.ok, headers: headers, body: .events(send))
    }
}

/// A regular file open for reading, shared by the answers that send it.
package final class OpenFile: Sendable {
    let descriptor: FileDescriptor
    package let size: Int64

    /// `size`: how many bytes to send; the file must not get shorter.
    package init(_ descriptor: consuming FileDescriptor, size: Int64) {
        self.descriptor = descriptor
        self.size = size
    }
}

/// Where a streamed answer is written to.
package struct BodyWriter: Sendable {
    let server: WebServer
    let id: UInt64

    /// Waits while more than 256 KiB are on their way. Throws `ClientGone` when the client has left.
    package func write(_ bytes: [UInt8]) async throws {
        try await server.write(id, bytes)
    }

    package func write(_ text: String) async throws {
        try await write(Array(text.utf8))
    }
}

/// Where server-sent events are written to. WHATWG HTML, "Server-sent events".
package struct EventStream: Sendable {
    private let writer: BodyWriter

    init(_ writer: BodyWriter) {
        self.writer = writer
    }

    /// `event` and `id` must be one line each, or it throws; `data` may be several.
    package func send(event: String? = nil, id: String? = nil, data: String) async throws {
        var text = ""
        if let event { text += "event: \(try Self.line(event))\n" }
        if let id { text += "id: \(try Self.line(id))\n" }
        for line in Self.lines(data) { text += "data: \(line)\n" }
        try await writer.write(text + "\n")
    }

    /// Ignored by clients; keeps the connection open, which the server also does by itself.
    package func comment(_ text: String = "") async throws {
        try await writer.write(Self.lines(text).map { ":\($0)\n" }.joined() + "\n")
    }

    /// How long a client waits before it connects again.
    package func retry(after milliseconds: Int) async throws {
        try await writer.write("retry: \(milliseconds)\n\n")
    }

    /// A line break of any of the three kinds ends a line, so none may pass inside one.
    private static func lines(_ text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
    }

    private static func line(_ text: String) throws(EventError) -> String {
        guard lines(text).count == 1, !text.utf8.contains(0) else { throw EventError() }
        return text
    }
}

/// An event's name or id that would end its line, and so begin another field.
package struct EventError: Error, Sendable, CustomStringConvertible {
    package var description: String { "An event's name and id must be one line each." }
}
