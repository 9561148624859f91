internal import ConnectorHost
internal import HTTPServer
internal import JSON

/// How a request's content becomes JSON that its endpoint's schema allows.
struct ContentCheck: Sendable {
    let isRequired: Bool
    let limit: Int
    let schema: JSONSchema

    /// Nil where there is no content, and need not be.
    func read(_ request: Request) async throws -> JSONValue? {
        if let announced = request.body.announced, announced > Int64(limit) { throw Problem.contentTooLarge(limit) }
        guard request.body.announced != 0 || request.headers.contains("Content-Type") else { return try missing() }
        // A wrong type is found before a long content is read.
        try Self.checkType(request)
        let bytes = try await request.body.collect(upTo: limit)
        guard !bytes.isEmpty else { return try missing() }
        return try check(bytes)
    }

    private func missing() throws(Problem) -> JSONValue? {
        guard !isRequired else {
            throw Problem(.badRequest, "content_missing", "This needs content: JSON as application/json.")
        }
        return nil
    }

    func check(_ bytes: [UInt8]) throws -> JSONValue {
        let value = try JSONValue(parsing: bytes, limits: JSONLimits(depth: 64, bytes: limit, members: 10_000))
        if let place = value.firstNUL(at: "") {
            throw Problem.findings([.init(pointer: place, message: "contains a NUL character, which can't be kept")])
        }
        let findings = schema.findings(in: value)
        guard findings.isEmpty else { throw Problem.findings(findings) }
        return value
    }

    private static func checkType(_ request: Request) throws(Problem) {
        let type = request.headers["Content-Type"].flatMap { ParameterizedValue(parsing: $0) }
        guard let type, type.value.lowercased() == "application/json",
            ["utf-8", nil].contains(type["charset"]?.lowercased())
        else { throw .contentType("application/json in UTF-8") }
    }
}

extension Problem {
    static func contentType(_ wanted: String) -> Problem {
        Problem(415, "content_type", "The content must be \(wanted), and Content-Type must say so.")
    }

    static func contentTooLarge(_ limit: Int) -> Problem {
        Problem(
            .contentTooLarge,
            "content_too_large",
            "The content has more than the \(limit) bytes allowed here."
        )
    }

    /// All at once, the first one in the detail.
    fileprivate static func findings(_ findings: [JSONSchema.Finding]) -> Problem {
        let first = findings.first
        let place = first.map { $0.pointer.isEmpty ? "it" : $0.pointer } ?? "it"
        var problem = Problem(
            422,
            "invalid_body",
            "The content is not what is asked for: \(place) \(first?.message ?? "is wrong")."
        )
        problem.pointer = first?.pointer
        problem.errors = findings.map { Item(pointer: $0.pointer, code: "invalid_value", message: $0.message) }
        return problem
    }
}

extension JSONValue {
    /// The place of the first text or name with a NUL.
    fileprivate func firstNUL(at pointer: String) -> String? {
        switch self {
        case .string(let text): return text.utf8.contains(0) ? pointer : nil
        case .array(let items):
            for (index, item) in items.enumerated() {
                if let place = item.firstNUL(at: JSONPointer.appending(index, to: pointer)) { return place }
            }
            return nil
        case .object(let object):
            for member in object.members {
                if member.name.utf8.contains(0) { return pointer }
                if let place = member.value.firstNUL(at: JSONPointer.appending(member.name, to: pointer)) {
                    return place
                }
            }
            return nil
        default: return nil
        }
    }
}
