internal import ConnectorHost
internal import HTTPServer
package import Identifiers
internal import JSON

/// A path's captures, checked by their schemas.
package struct PathValues: Sendable {
    private let captures: [String: String]

    /// What doesn't fit is like what isn't there: 404.
    init(_ request: Request, _ checks: [ParameterCheck]) throws(Problem) {
        captures = request.captures
        for check in checks where check.parameter.place == .path {
            guard let text = captures[check.parameter.name], check.accepts(.string(text)) else { throw .notFound }
        }
    }

    package func text(_ name: String) throws(Problem) -> String {
        guard let text = captures[name] else { throw .notFound }
        return text
    }

    package func id(_ name: String) throws(Problem) -> UUID {
        guard let id = UUID(try text(name)) else { throw .notFound }
        return id
    }
}

/// A declared parameter and its compiled schema.
struct ParameterCheck: Sendable {
    let parameter: Parameter
    let schema: JSONSchema

    func accepts(_ value: JSONValue) -> Bool { schema.findings(in: value).isEmpty }
}
