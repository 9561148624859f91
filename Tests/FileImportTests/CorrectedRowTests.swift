import ConnectorKit
import FileImport
import Testing

@Suite struct `Rejects that come back corrected` {
    private static let values = [
        ("'=1+1", "=1+1"), ("'@x", "@x"), ("'-x", "-x"), ("''=1", "'=1"), ("'''+x", "''+x"), ("'\tx", "\tx"),
        ("'＝1", "＝1"), ("'＠x", "＠x"), ("'\nx", "\nx"),
        // No apostrophe of the host's: these are no formulas, or no apostrophe stands before them.
        ("'tis", "'tis"), ("'", "'"), ("''", "''"), ("'-5", "'-5"), ("'+49 30 (1)", "'+49 30 (1)"), ("=1", "=1"),
        ("x'=1", "x'=1"),
    ]

    private func csv(_ header: String, _ reason: String) -> String {
        header + "\n" + Self.values.map { "\"\($0.0)\",x,\"\(reason)\",fix\n" }.joined()
    }

    @Test(arguments: ["id,name,_error,_fix", "_error,_fix,_error_,_fix_"])
    func `lose the apostrophe that the host put there, and no other`(header: String) throws {
        let reading = try read(csv(header, "line 7: email: is none").utf8)
        #expect(reading.values.map { $0[0] } == Self.values.map(\.1))
        #expect(
            reading.warnings == [
                "The file is a list of rejects: the apostrophe that it had before 9 values was taken away."
            ]
        )
    }

    @Test func `without a header are told by each row's reason`() throws {
        var dialect = Dialect.plain
        dialect.hasHeader = false
        let reading = try read("'=1,x,byte_offset 12: broken,\n'=1,x,broken,\n'=1,x,,\n".utf8, dialect)
        #expect(reading.values.map { $0[0] } == ["=1", "'=1", "'=1"])
    }

    @Test(arguments: ["id,name,_error,fix", "id,name,error,_fix", "_error,_fix,id,name"])
    func `are told by both of the last columns`(header: String) throws {
        #expect(try read(csv(header, "line 7: x").utf8).values.map { $0[0] } == Self.values.map(\.0))
    }

    @Test(arguments: ["", "Line 7: x", "line : x", "line 7 x", "line 7", "somebody's own row"])
    func `are only the rows with the host's reason`(reason: String) throws {
        #expect(try read(csv("id,name,_error,_fix", reason).utf8).values.map { $0[0] } == Self.values.map(\.0))
    }

    @Test func `of a workbook too`() throws {
        let rows = [["id", "name", "_error", "_fix"], ["'=1", "''@x", "row 7: x", "y"], ["'=1", "b", "", ""]]
        for usesScanner in [true, false] {
            let reading = try readSheet(
                WorkbookMaker.sheet(WorkbookMaker.rows(rows)).archive(),
                usesScanner: usesScanner
            )
            #expect(reading.values.map { Array($0.prefix(2)) } == [["=1", "'@x"], ["'=1", "b"]])
        }
    }

    @Test func `lack what their records lacked, where the cells are still empty`() throws {
        let rows = [
            "1,,,line 7 (without columns 2-3): x,y", "2,Ann,,\"byte_offset 9 (without columns 2, 3): x\",y",
            "3,,,line 7: x,y", "4,,,line 7 (without columns 3-2): x,y", "5,,,line 7 (without columns 2-99999999): x,y",
            "6,,,\"line 7 (without columns 2, 2): x\",y", "7,,,(without columns 2): x,y",
            "8,,,line 7 (without columns 2) x,y",
            "9,,,\"line 7 (without columns 1, 4-5): x\",",
        ]
        let reading = try read((["id,name,boss,_error,_fix"] + rows).joined(separator: "\n").utf8)
        let lacking = reading.batches.joined().map(\.lacking)
        #expect(lacking == [["name", "boss"], ["boss"], [], [], [], [], [], [], []])
    }

    @Test(arguments: [true, false])
    func `lack it in a workbook too`(usesScanner: Bool) throws {
        let rows = [
            ["id", "name", "boss", "_error", "_fix"], ["1", "", "", "row 7 (without columns 2-3): x", "y"],
            ["2", "", "Ann", "row 7 (without columns 2, 3): x", "y"], ["3", "", "", "row 7: x", "y"],
        ]
        let archive = WorkbookMaker.sheet(WorkbookMaker.rows(rows)).archive()
        let reading = try readSheet(archive, usesScanner: usesScanner)
        #expect(reading.rows.map(\.lacking) == [["name", "boss"], ["name"], []])
    }
}
