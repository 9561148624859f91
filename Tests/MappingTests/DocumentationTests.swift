import Foundation
import JSON
import Mapping
import TestSupport
import Testing

/// docs/mapping.md says what the code does.
@Suite struct DocumentationTests {
    private func document() throws -> String {
        try String(contentsOfFile: "\(Repository.root)/docs/mapping.md", encoding: .utf8)
    }

    /// What stands between two comments.
    private func section(_ begin: String, _ end: String) throws -> String {
        let text = try document()
        let start = try #require(text.range(of: "<!-- \(begin) -->\n"))
        let stop = try #require(text.range(of: "<!-- \(end) -->"))
        return String(text[start.upperBound..<stop.lowerBound])
    }

    @Test func `the functions are those of the catalogue`() throws {
        let topics = MappingFunction.Topic.allCases.map { topic in
            let entries = MappingFunction.catalogue.filter { $0.topic == topic }.map(entry)
            return "### \(topic.label.english)\n\n\(entries.joined(separator: "\n"))"
        }
        let expected = topics.joined(separator: "\n")
        if let file = ProcessInfo.processInfo.environment["FUNCTIONS_DOCUMENT"] {
            // For whoever changed the catalogue.
            try expected.write(toFile: file, atomically: true, encoding: .utf8)
        }
        #expect(try section("functions: from the catalogue", "end of functions") == expected, "expected:\n\(expected)")
    }

    private func entry(_ function: MappingFunction) -> String {
        let examples = function.examples.map { example in
            let fields = example.fields.sorted { $0.key < $1.key }.map { ", `\($0.key)` \(shown($0.value))" }.joined()
            let outcome =
                switch example.outcome {
                case .value(let text): "gives \(shown(text))"
                case .empty: "gives nothing"
                case .reject(let code): "rejects: `\(code)`"
                }
            return "* `\(example.transform)` of \(example.value.map(shown) ?? "null")\(fields) \(outcome)\n"
        }
        return "**`\(function.signature)`** \(function.summary.english)\n\n\(examples.joined())"
    }

    /// In quotes, what nobody sees by its code point.
    private func shown(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar in
            let isAccent = 0x300...0x36F ~= scalar.value || 0x653...0x655 ~= scalar.value
            let isSeen =
                scalar == " " || !(scalar.properties.isWhitespace || scalar.properties.isBidiControl || isAccent)
            return isSeen ? String(scalar) : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }
        return "`\"\(scalars.joined())\"`"
    }

    @Test func `the targets are those of the entities`() throws {
        let rows = Entity.allCases.map { entity in
            let fields = entity.fields.map { $0.isRequired ? "**\($0.name)**" : $0.name }
            return "| \(entity.rawValue) | \(fields.joined(separator: ", ")), attributes.NAME |\n"
        }
        let expected = "| entity | fields; **required** |\n|---|---|\n" + rows.joined()
        #expect(try section("targets: from the entities", "end of targets") == expected, "expected:\n\(expected)")
    }

    @Test func `every code of a refused mapping is listed`() throws {
        let text = try document()
        for code in MappingProblem.Code.allCases { #expect(text.contains("`\(code.rawValue)`"), "\(code.rawValue)") }
    }

    @Test func `the example is a mapping that compiles`() throws {
        let text = try document()
        let start = try #require(text.range(of: "```json\n"))
        let end = try #require(text.range(of: "```", range: start.upperBound..<text.endIndex))
        let set = try MappingSet(json: JSONValue(parsing: String(text[start.upperBound..<end.lowerBound])))
        #expect(set.rows.count == 7)
        _ = try CompiledMapping.compile(set, source: nil)
    }
}
