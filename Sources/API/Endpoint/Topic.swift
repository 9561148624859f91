/// Endpoints that belong together, with the schemas they share: a tag of the document.
package struct Topic: Sendable {
    /// `Configs`
    package var name: String
    /// One sentence.
    package var summary: String
    /// By name; a name is used once in all topics.
    package var schemas: [String: Schema]
    package var endpoints: [Endpoint]

    package init(_ name: String, _ summary: String, schemas: [String: Schema] = [:], endpoints: [Endpoint]) {
        self.name = name
        self.summary = summary
        self.schemas = schemas
        self.endpoints = endpoints
    }
}
