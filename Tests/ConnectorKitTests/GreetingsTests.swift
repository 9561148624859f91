import ConnectorKit
import ConnectorKitSupport
import FoundationEssentials
import TestSupport
import Testing

@Suite struct `The connector of docs/connectors.md` {
    @Test func `the page shows it as it is compiled here`() throws {
        func text(_ path: String) throws -> String {
            try String(contentsOf: URL(fileURLWithPath: "\(Repository.root)/\(path)"), encoding: .utf8)
        }
        let page = try text("docs/connectors.md")
        #expect(page.contains("```swift\n\(try text("Tests/ConnectorKitTests/Greetings.swift"))```\n"))
        // The entry is FileImport's, with its names.
        let entry = try text("Plugins/FileImport/Entry/Entry.swift")
            .replacing("FileImport", with: "Greetings")
            .replacing("file_import_manifest", with: "greetings_manifest")
            .replacing("internal import Greetings\n", with: "")
        #expect(page.contains("```swift\n\(entry)```\n"))
    }

    @Test func `it greets, and goes on where it stopped`() throws {
        let greetings = try Greetings(settings: Settings(json: Array(#"{"times":5}"#.utf8)))
        let context = TestHost().context()
        let reader = try greetings.pull(PullRequest(stream: "greetings", batchRows: 2), context)
        #expect(try reader.next()?.rows == 2)
        let token = try reader.token()
        let rest = try greetings.pull(PullRequest(stream: "greetings", token: token), context)
        #expect(try rest.next()?.rows == 3)
        #expect(try rest.next() == nil)
        #expect(rest.summary() == PullSummary(isComplete: true, read: 3))
    }
}
