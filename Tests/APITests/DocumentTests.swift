import API
import HTTPServer
import JSON
import Testing

struct DocumentTests {
    @Test func `the routes and the document are the same`() async throws {
        let test = try await TestAPI()
        let routes = test.api.router().routes.filter { !API.operatorPaths.contains($0.pattern) }
        let served = Set(routes.map { "\($0.method) \($0.pattern)" })
        var described: Set<String> = []
        for path in test.api.document.json["paths"]?.objectValue?.members ?? [] {
            for operation in path.value.objectValue?.members ?? [] {
                described.insert("\(operation.name.uppercased()) \(API.base)\(path.name)")
            }
        }
        #expect(served == described)
        #expect(served.count > 2)
        try await test.stop()
    }

    @Test func `it is served to everybody, as OpenAPI 3.1`() async throws {
        let test = try await TestAPI()
        let answer = try await test.ask("GET", "/openapi.json", token: nil)
        #expect(answer.status == 200)
        #expect(answer.json["openapi"] == "3.1.0")
        #expect(answer.json == test.api.document.json)
        try await test.stop()
    }

    @Test func `each reference leads somewhere, and each operation has its own name`() async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let document = test.api.document.json
        let references = Self.references(in: document)
        #expect(references.contains("#/components/schemas/Problem"))
        for reference in references {
            #expect(DocumentCheck(document).resolved(["$ref": .string(reference)]) != .null, "\(reference)")
        }
        let names = test.api.topics.flatMap(\.endpoints).map(\.operationID)
        #expect(Set(names).count == names.count)
        try await test.stop()
    }

    @Test func `each capture of a path is declared`() async throws {
        let test = try await TestAPI()
        for endpoint in test.api.topics.flatMap(\.endpoints) {
            let captures = endpoint.path.split(separator: "/").filter { $0.first == "{" }.map {
                $0.dropFirst().dropLast()
            }
            #expect(endpoint.parameters.filter { $0.place == .path }.map(\.name) == captures.map(String.init))
        }
        try await test.stop()
    }

    private static func references(in value: JSONValue) -> Set<String> {
        switch value {
        case .array(let items): items.reduce(into: []) { $0.formUnion(references(in: $1)) }
        case .object(let object):
            object.members.reduce(into: []) { found, member in
                if member.name == "$ref", let text = member.value.stringValue { found.insert(text) }
                found.formUnion(references(in: member.value))
            }
        default: []
        }
    }
}
