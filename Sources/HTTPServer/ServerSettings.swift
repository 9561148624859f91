/// The limits and deadlines of a server.
package struct ServerSettings: Sendable {
    /// Connections at once; more wait in the system's queue. The limit of open files is raised to fit.
    package var connections = 2048
    /// Memory for one connection's head and buffers; a head that doesn't fit is refused by libmicrohttpd itself.
    package var connectionBytes = 24 << 10
    /// The longest request target.
    package var targetBytes = 4 << 10
    /// The most bytes of all header fields together.
    package var headerBytes = 8 << 10
    package var headerFields = 100

    /// For the head of a new connection's first request, and of a later one from its first line on.
    package var headDeadline: Duration = .seconds(10)
    /// For a kept connection without a request, and for a client that takes nothing of its answer. Whole seconds.
    package var idleDeadline: Duration = .seconds(30)
    /// For a request as a whole, where its route says nothing else.
    package var requestDeadline: Duration = .seconds(60)
    /// The least bytes a second of content, averaged after the grace; the time a handler makes it wait is free.
    package var contentRate = 1024
    package var contentGrace: Duration = .seconds(10)
    /// How often deadlines are looked at.
    package var sweepInterval: Duration = .seconds(1)
    /// A comment goes to an event stream that is silent for so long, so that proxies keep it open.
    package var heartbeat: Duration = .seconds(15)
    /// Put on every answer that has none of that name: `X-Content-Type-Options`.
    package var commonHeaders: Headers = [:]

    package init() {}
}
