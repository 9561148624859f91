import JSON
import Store
import Testing

extension TestAPI {
    /// A config without mappings; answers its id.
    func plainConfig(
        _ provider: String = "test-turns",
        name: String = "People",
        settings: JSONValue = [:]
    ) async throws -> String {
        let answer = try await ask(
            "POST",
            "/configs",
            json: ["name": .string(name), "provider": .string(provider), "settings": settings]
        )
        return try #require(answer.json["id"]?.stringValue, "\(answer.text)")
    }

    /// Who did what, in the tenant's audit.
    func audit() async throws -> [String] {
        try await store.auditTrail(AuditFilter(), page: PageRequest(), tenant: PlainTokens.tenant).items.map {
            "\($0.deed.actor) \($0.deed.action)"
        }
    }
}

extension HTTPAnswer {
    var pointers: [String] {
        json["errors"]?.arrayValue?.compactMap { $0["pointer"]?.stringValue } ?? []
    }
}
