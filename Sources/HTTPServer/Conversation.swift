/// What the server keeps of one exchange. Never leaves the server's actor.
final class Conversation {
    let id: UInt64
    /// The connection it runs on.
    let link: UInt64
    let handle: ConnectionHandle
    let socket: CInt
    let began: ContinuousClock.Instant
    let requestID: String
    let remoteAddress: String
    let method: Method
    /// Nil when the request was refused before it was known what it asks for.
    let inquiry: Inquiry?

    var exchange: Exchange
    var response: Response?
    var task: Task<Void, Never>?
    var reader: Waiter<Exchange.Content>?
    var writers: [Waiter<Exchange.Room>] = []
    var farewell: Farewell?
    var pace = Pace()
    var lastWrite: ContinuousClock.Instant
    var suspendedSince: ContinuousClock.Instant?

    init(
        id: UInt64,
        link: UInt64,
        on connection: Connection,
        _ method: Method,
        _ inquiry: Inquiry?,
        _ exchange: Exchange,
        requestID: String,
        now: ContinuousClock.Instant
    ) {
        self.id = id
        self.link = link
        self.handle = connection.handle
        self.socket = connection.socket
        self.began = now
        self.requestID = requestID
        self.remoteAddress = connection.remoteAddress
        self.method = method
        self.inquiry = inquiry
        self.exchange = exchange
        self.lastWrite = now
    }

    /// A task of the handler that waits.
    struct Waiter<Outcome: Sendable> {
        let ticket: UInt64
        let continuation: CheckedContinuation<Outcome, Never>
    }

    /// A request that found its route.
    struct Inquiry {
        let head: RequestHead
        let match: Router.Match

        var route: Router.Route { match.route }
    }

    /// The request for its handler, with what has come of its content.
    func request(_ body: RequestBody, _ inquiry: Inquiry) -> Request {
        Request(
            method: inquiry.head.method,
            target: inquiry.head.target,
            headers: inquiry.head.headers,
            remoteAddress: remoteAddress,
            id: requestID,
            captures: inquiry.match.captures,
            route: inquiry.route.pattern,
            body: body
        )
    }

    /// When it must be over; nil for never.
    func deadline(_ settings: ServerSettings) -> ContinuousClock.Instant? {
        switch inquiry?.route.options.deadline ?? .standard {
        case .standard: began + settings.requestDeadline
        case .after(let duration): began + duration
        case .none: nil
        }
    }

    var sendsEvents: Bool {
        guard case .events = response?.body else { return false }
        return true
    }
}

/// What the server keeps of one connection.
struct Connection {
    let handle: ConnectionHandle
    let socket: CInt
    let remoteAddress: String
    var quiet: Quiet
    /// The target of the request line that was read last; nil if it is not UTF-8.
    var target: String?
    /// The exchange that runs on it.
    var exchange: UInt64?
    /// Whether the loop knows its socket.
    var isWatched = false
    /// Whether the loop will tell of the next event, as it does once.
    var isArmed = false
}
