import API
import Identifiers
import JSON
import Mapping
import Store
import Sync
import TestSupport
import Testing
import Time

/// What tests of runs and files set up, beside what they are about.
extension TestAPI {
    /// Works what is queued until `stop`.
    func work() {
        Task { [workers] in await workers.run() }
    }

    static let people = MappingSet(
        stream: "people.csv",
        entity: .users,
        rows: [
            MappingRow(sourceField: "id", targetField: "external_id"),
            MappingRow(sourceField: "mail", targetField: "email", transform: "trim | email"),
            MappingRow(sourceField: "name", targetField: "display_name"),
        ]
    )

    static let turns = MappingSet(
        stream: "people",
        entity: .users,
        rows: [
            MappingRow(sourceField: "id", targetField: "external_id"),
            MappingRow(sourceField: "email", targetField: "email"),
        ]
    )

    /// A configuration's id.
    func config(
        _ name: String = "People",
        provider: String = "file",
        settings: JSONValue = [:],
        _ sets: [MappingSet] = [TestAPI.people]
    ) async throws -> String {
        let draft: JSONValue = ["name": .string(name), "provider": .string(provider), "settings": settings]
        let made = try await ask("POST", "/configs", json: draft)
        let id = try #require(made.json["id"]?.stringValue, "\(made.text)")
        guard !sets.isEmpty else { return id }
        let config = try #require(UUID(id))
        _ = try await store.saveMappings(sets, config: config, tenant: PlainTokens.tenant, now: .now())
        return id
    }

    /// A file's id.
    func upload(_ text: String, to config: String, name: String = "people.csv") async throws -> String {
        let answer = try await ask(
            "POST",
            "/\(config)/files?name=\(name)",
            ["Content-Type": "text/csv"],
            body: Array(text.utf8)
        )
        #expect(answer.status == 201, "\(answer.text)")
        return try #require(answer.json["id"]?.stringValue)
    }

    /// A run's id.
    func sync(_ config: String, _ body: JSONValue = [:]) async throws -> String {
        let answer = try await ask("POST", "/\(config)/sync", json: body)
        #expect(answer.status == 202, "\(answer.text)")
        return try #require(answer.json["id"]?.stringValue)
    }

    /// Watches the run until it has ended; what the stream's last event says of it.
    func end(of run: String) async throws -> JSONValue {
        let events = try await events(of: run)
        let last = try #require(events.last)
        #expect(last.name == "end")
        return last.data
    }

    func events(of run: String) async throws -> [(name: String, data: JSONValue)] {
        let answer = try await ask("GET", "/runs/\(run)/events")
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "text/event-stream")
        return try answer.text.split(separator: "\n\n").filter { !$0.hasPrefix(":") }.map { event in
            let lines = event.split(separator: "\n")
            let name = try #require(lines.first { $0.hasPrefix("event: ") }).dropFirst(7)
            let data = try #require(lines.first { $0.hasPrefix("data: ") }).dropFirst(6)
            return (String(name), try JSONValue(parsing: Array(data.utf8)))
        }
    }

    /// Everything below the files' folder, in order; empty where there is none.
    func contents() throws -> [String] { try folder.list("files") }
}
