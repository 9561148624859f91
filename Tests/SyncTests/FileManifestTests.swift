import JSON
import Sync
import Testing

@Suite struct `A manifest beside a file` {
    private static let hash = String(repeating: "0f", count: 32)

    private func read(_ text: String) throws(FileManifest.Problem) -> FileManifest {
        try FileManifest(parsing: Array(text.utf8))
    }

    @Test func `is JSON or lines, and says the same in both`() throws {
        let json = try read(#"{"rows": 2000, "sha256": "\#(Self.hash.uppercased())", "size": 12, "complete": false}"#)
        let lines = try read("\u{FEFF}# of payroll\r\nrows = 2000\nsha256=\(Self.hash)\n\nsize=12\ncomplete=false")
        #expect(json == lines)
        #expect(json == FileManifest(rows: .all(2000), sha256: Self.hash, size: 12, isComplete: false))
        #expect(try FileManifest(json: json.json) == json)
    }

    @Test func `counts each stream by itself`() throws {
        let manifest = try read(#"{"rows": {"people": 3, "courses": 0}}"#)
        #expect(manifest == (try read("rows.people=3\nrows.courses=0")))
        #expect(manifest.rows(of: "people") == 3 && manifest.rows(of: "courses") == 0)
        #expect(manifest.rows(of: "enrolments") == nil)
        #expect(manifest.isComplete)
        #expect(try FileManifest(json: manifest.json) == manifest)
        #expect(try read("rows=7").rows(of: "anything") == 7)
        #expect(try read("").rows(of: "anything") == nil)
    }

    @Test(
        arguments: [
            "rows=many", "rows=-1", #"{"rows": 1.5}"#, #"{"rows": {"people": "3"}}"#, "sha256=abc", #"{"row": 3}"#,
            "rows 2000", "rows=1\nrows.people=1", #"{"rows": 1"#, "complete=yes", #"{"size": -1}"#, "\u{0}",
            "rows=1\nrows=2", "rows.people=1\nrows.people=1", "size=1\nsize=1",
        ]
    )
    func `is refused where it can't be understood`(text: String) {
        #expect(throws: FileManifest.Problem.self) { _ = try read(text) }
    }
}
