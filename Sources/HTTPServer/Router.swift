package typealias Handler = @Sendable (Request) async throws -> Response

/// How a route takes content, and how long it may take.
package struct RouteOptions: Sendable {
    /// Content above it is refused with 413; -1 for any number of bytes.
    package var contentLimit: Int64 = 1 << 20
    /// The handler starts at once and reads the content as it comes; a refusal then spares the upload.
    /// Otherwise it starts when all content is there.
    package var streamsContent = false
    /// For the request as a whole; nil: none. Event streams have none.
    package var deadline: Deadline = .standard

    package enum Deadline: Sendable {
        case standard
        case after(Duration)
        case none
    }

    package init() {}

    /// For uploads: streamed, without a deadline but with the server's least rate.
    package static func upload(limit: Int64) -> RouteOptions {
        var options = RouteOptions()
        (options.contentLimit, options.streamsContent, options.deadline) = (limit, true, .none)
        return options
    }
}

/// A table from methods and path patterns to handlers.
///
/// A pattern is `/configs/{id}/files`: literal segments and captures of one segment. Where several patterns match,
/// the one with the earlier literal wins, and it alone says which methods there are.
package struct Router: Sendable {
    package struct Route: Sendable {
        package let method: Method
        package let pattern: String
        package let options: RouteOptions
        let work: Work
    }

    enum Work: Sendable {
        case handler(Handler)
        /// Answers on the server's own thread: only for what takes microseconds.
        case immediate(@Sendable (Request) throws(Refusal) -> Response)
    }

    struct Match: Sendable {
        var route: Route
        var captures: [String: String]
    }

    private struct Node: Sendable {
        var literals: [String: Node] = [:]
        var capture: [Node] = []
        var routes: [Method: (route: Route, names: [String])] = [:]
    }

    /// In the order of registration.
    package private(set) var routes: [Route] = []
    private var root = Node()
    private var fallback: Work?

    package init() {}

    /// GET answers HEAD too. A pattern must be new for its method.
    package mutating func on(
        _ method: Method,
        _ pattern: String,
        _ options: RouteOptions = RouteOptions(),
        handler: @escaping Handler
    ) {
        add(Route(method: method, pattern: pattern, options: options, work: .handler(handler)))
    }

    /// For requests without content that are answered in microseconds, on the server's own thread: a health check.
    package mutating func immediately(
        _ method: Method,
        _ pattern: String,
        respond: @escaping @Sendable (Request) -> Response
    ) {
        var options = RouteOptions()
        options.contentLimit = 0
        add(Route(method: method, pattern: pattern, options: options, work: .immediate(respond)))
    }

    /// For GET and HEAD where no pattern matches: files. Nil is 404. On the server's own thread.
    package mutating func otherwise(respond: @escaping @Sendable (Request) -> Response?) {
        fallback = .immediate { request throws(Refusal) in
            guard let response = respond(request) else { throw .notFound }
            return response
        }
    }

    private mutating func add(_ route: Route) {
        precondition(route.pattern.first == "/", "\(route.pattern): a pattern begins with a slash")
        let parts =
            route.pattern == "/"
            ? [] : route.pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        var names: [String] = []
        Self.insert(route, parts[...], into: &root, &names)
        routes.append(route)
    }

    private static func insert(
        _ route: Route,
        _ parts: ArraySlice<Substring>,
        into node: inout Node,
        _ names: inout [String]
    ) {
        guard let part = parts.first else {
            precondition(node.routes[route.method] == nil, "\(route.method) \(route.pattern) is there twice")
            node.routes[route.method] = (route, names)
            return
        }
        guard part.first == "{", part.last == "}" else {
            return insert(route, parts.dropFirst(), into: &node.literals[String(part), default: Node()], &names)
        }
        names.append(String(part.dropFirst().dropLast()))
        if node.capture.isEmpty { node.capture = [Node()] }
        insert(route, parts.dropFirst(), into: &node.capture[0], &names)
    }

    /// Finds who answers, or why nobody does.
    func match(_ method: Method, _ target: RequestTarget) throws(Refusal) -> Match {
        guard !target.isAsterisk else {
            guard method == .options else { throw .malformed("Only OPTIONS asks for the server as a whole.") }
            return Match(route: optionsRoute(allowed: [.get, .head, .options], pattern: "*"), captures: [:])
        }
        var captured: [String] = []
        if let node = Self.find(target.segments[...], root, &captured) {
            guard let found = node.routes[method] ?? (method == .head ? node.routes[.get] : nil) else {
                return try optionsMatch(method, node)
            }
            let captures = Dictionary(zip(found.names, captured), uniquingKeysWith: { $1 })
            return Match(route: found.route, captures: captures)
        }
        guard let fallback, method == .get || method == .head else { throw .notFound }
        return Match(
            route: Route(method: .get, pattern: "", options: RouteOptions(), work: fallback),
            captures: [:]
        )
    }

    /// Where the first pattern ends that matches.
    private static func find(_ segments: ArraySlice<String>, _ node: Node, _ captured: inout [String]) -> Node? {
        guard let segment = segments.first else { return node.routes.isEmpty ? nil : node }
        let rest = segments.dropFirst()
        if let next = node.literals[segment], let found = find(rest, next, &captured) { return found }
        guard let next = node.capture.first, !segment.isEmpty else { return nil }
        captured.append(segment)
        if let found = find(rest, next, &captured) { return found }
        captured.removeLast()
        return nil
    }

    /// OPTIONS is told which methods there are, and so is one that isn't among them.
    private func optionsMatch(_ method: Method, _ node: Node) throws(Refusal) -> Match {
        var allowed = Set(node.routes.keys).union([.options])
        if allowed.contains(.get) { allowed.insert(.head) }
        guard method == .options else { throw .methodNotAllowed(allowed.sorted()) }
        return Match(route: optionsRoute(allowed: allowed.sorted(), pattern: ""), captures: [:])
    }

    private func optionsRoute(allowed: [Method], pattern: String) -> Route {
        let names = allowed.map(\.name).joined(separator: ", ")
        return Route(
            method: .options,
            pattern: pattern,
            options: RouteOptions(),
            work: .immediate { _ in
                Response(.noContent, headers: ["Allow": names])
            }
        )
    }
}
